import { useEffect, useState } from 'react'

/** How far below the window's top a heading is taken for passed, in px. */
const PASSED_PX = 120
/** Rounding of the browser's sizes. */
const BOTTOM_PX = 2

/** The id of the section that is being read; null above the first. */
export function useCurrentSection(ids: readonly string[]): string | null {
  const [current, setCurrent] = useState<string | null>(null)
  useEffect(() => {
    let frame = 0
    const look = (): void => {
      frame = 0
      setCurrent(findCurrent(ids))
    }
    const onScroll = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look)
    }
    onScroll()
    addEventListener('scroll', onScroll, { passive: true })
    addEventListener('resize', onScroll)
    addEventListener('hashchange', onScroll)
    return () => {
      cancelAnimationFrame(frame)
      removeEventListener('scroll', onScroll)
      removeEventListener('resize', onScroll)
      removeEventListener('hashchange', onScroll)
    }
  }, [ids])
  return current
}

function findCurrent(ids: readonly string[]): string | null {
  const { scrollHeight } = document.documentElement
  const isAtBottom = scrollY > 0 && innerHeight + scrollY >= scrollHeight - BOTTOM_PX
  // The last sections cannot be scrolled to the top: the one that was asked for counts while it is in sight.
  if (isAtBottom) {
    const asked = decodeURIComponent(location.hash.slice(1))
    return ids.includes(asked) && topOf(asked) >= 0 ? asked : (ids.at(-1) ?? null)
  }
  return ids.findLast((id) => topOf(id) <= PASSED_PX) ?? null
}

function topOf(id: string): number {
  return document.getElementById(id)?.getBoundingClientRect().top ?? Infinity
}
