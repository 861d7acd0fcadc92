import type { Pagination as Pages } from 'dispatch-contract'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { Button } from './button'

export interface PaginationProps {
  readonly pages: Pages
  readonly onPage: (page: number) => void
}

export function Pagination({ pages: { page, totalPages, total, totalIsExact }, onPage }: PaginationProps) {
  const last = Math.max(totalPages, 1)
  return (
    <nav
      aria-label="Pages"
      className="flex items-center justify-between gap-4 border-t border-line px-4 py-2 text-sm text-muted"
    >
      <span className="tabular">{formatTotal(total, totalIsExact)} in all</span>
      <span className="flex items-center gap-2">
        <span className="tabular">
          {page.toLocaleString('en')} / {last.toLocaleString('en')}
        </span>
        <Button
          look="quiet"
          size="icon"
          aria-label="Previous page"
          disabled={page <= 1}
          onClick={() => onPage(page - 1)}
          icon={<ChevronLeft aria-hidden size={16} />}
        />
        <Button
          look="quiet"
          size="icon"
          aria-label="Next page"
          disabled={page >= last}
          onClick={() => onPage(page + 1)}
          icon={<ChevronRight aria-hidden size={16} />}
        />
      </span>
    </nav>
  )
}

const ROUNDED_TO = 10_000

/** One that is not exact has grown since it was counted: rounded down, `1,230,000+`. */
function formatTotal(total: number, isExact: boolean): string {
  if (isExact || total < ROUNDED_TO) return total.toLocaleString('en')
  return `${(Math.floor(total / ROUNDED_TO) * ROUNDED_TO).toLocaleString('en')}+`
}
