import { Radio } from 'lucide-react'
import { Button } from '../../components/button'
import type { ReadyEcho } from '../../features/echo/use-ready-echo'

export interface EchoOfferProps {
  readonly echo: ReadyEcho
  /** Takes the echo's address. */
  readonly onTake: (url: string) => void
}

/** Fills in the address of the project's echo, which it enables when that is needed. */
export function EchoOffer({ echo, onTake }: EchoOfferProps) {
  const take = async (): Promise<void> => {
    const url = await echo.makeReady()
    if (url !== null) onTake(url)
  }
  return (
    <Button size="sm" icon={<Radio aria-hidden size={14} />} isBusy={echo.isBusy} onClick={() => void take()}>
      Send to this project’s echo
    </Button>
  )
}
