import { Search } from 'lucide-react'
import { Suspense, useEffect, useState } from 'react'
import { buttonClass } from '../../components/button'
import { Kbd } from '../../components/kbd'
import { lazyPage } from '../../lib/page-code'

const CommandDialog = lazyPage(() => import('./command-dialog'), 'CommandDialog')

const KEY = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'

/** Opens by Ctrl or ⌘ and K from anywhere, and by `CommandButton`. */
export function useCommandMenu(): { readonly open: () => void; readonly menu: React.ReactNode } {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      setOpen((before) => !before)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const menu = isOpen && (
    <Suspense>
      <CommandDialog onClose={() => setOpen(false)} />
    </Suspense>
  )
  return { open: () => setOpen(true), menu }
}

export interface CommandButtonProps {
  readonly onOpen: () => void
  /** Only the icon. */
  readonly isIcon?: boolean
}

export function CommandButton({ onOpen, isIcon = false }: CommandButtonProps) {
  if (isIcon) {
    return (
      <button type="button" aria-label="Command menu" onClick={onOpen} className={buttonClass('quiet', 'icon')}>
        <Search aria-hidden size={18} />
      </button>
    )
  }
  return (
    <button
      type="button"
      onClick={onOpen}
      className="mx-2 mb-1 flex h-8 items-center gap-2 rounded-md border border-line bg-well px-2 text-sm whitespace-nowrap text-muted hover:border-line-strong hover:text-ink"
    >
      <Search aria-hidden size={15} className="text-faint" />
      <span className="flex-1 text-left">Command menu</span>
      <span aria-hidden>
        <Kbd>{KEY}</Kbd>
      </span>
    </button>
  )
}
