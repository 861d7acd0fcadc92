import { useEffect, useState } from 'react'
import { serverNowMs } from './server-clock'

/** The server's time, read again at each of its whole steps: all clocks of a page turn over together. */
export function useNow(stepMs: number): number {
  const [nowMs, setNowMs] = useState(serverNowMs)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const tick = (): void => {
      const now = serverNowMs()
      setNowMs(now)
      timer = setTimeout(tick, stepMs - (now % stepMs))
    }
    timer = setTimeout(tick, stepMs - (serverNowMs() % stepMs))
    return () => clearTimeout(timer)
  }, [stepMs])
  return nowMs
}
