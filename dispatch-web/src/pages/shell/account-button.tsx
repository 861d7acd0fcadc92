import { useQuery } from '@tanstack/react-query'
import { ChevronsUpDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { meQuery } from '../../features/account/api'

/** Who is signed in; it opens the account's menu. */
export function AccountButton(props: ComponentProps<'button'>) {
  const { data: me } = useQuery(meQuery)
  return (
    <button
      type="button"
      aria-haspopup="menu"
      {...props}
      className="flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-raised"
    >
      <span
        aria-hidden
        className="grid size-7 shrink-0 place-items-center rounded-full bg-raised font-mono text-xs text-muted uppercase"
      >
        {(me?.name ?? me?.email ?? '').slice(0, 1)}
      </span>
      <span className="sr-only">Account </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium">{me?.name ?? me?.email ?? '\u00a0'}</span>
        <span className="block truncate text-xs text-faint">{me?.organizations[0]?.name ?? '\u00a0'}</span>
      </span>
      <ChevronsUpDown aria-hidden size={14} className="text-faint" />
    </button>
  )
}
