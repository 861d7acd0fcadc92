import type { ComponentProps, ReactNode } from 'react'
import { classNames } from '../lib/class-names'

/** Scrolls sideways by itself where it is too wide. `label` names it for screen readers. */
export function Table({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // Focusable, so that it can be scrolled by keyboard; positioned, so that what is only for screen readers scrolls along.
    <div
      role="group"
      aria-label={label}
      tabIndex={0}
      className="relative overflow-x-auto focus-visible:outline-offset-[-2px]"
    >
      <table className="w-full border-collapse text-left text-base">
        <caption className="sr-only">{label}</caption>
        {children}
      </table>
    </div>
  )
}

export function TableHead({ children }: { readonly children: ReactNode }) {
  return (
    <thead>
      <tr className="border-b border-line">{children}</tr>
    </thead>
  )
}

export function HeadCell({ className, ...rest }: ComponentProps<'th'>) {
  return <th scope="col" {...rest} className={classNames('label-caps px-4 py-2 whitespace-nowrap', className)} />
}

export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr {...rest} className={classNames('border-b border-line last:border-0 hover:bg-raised/50', className)} />
}

export function Cell({ className, ...rest }: ComponentProps<'td'>) {
  return <td {...rest} className={classNames('tabular px-4 py-2.5 align-middle', className)} />
}
