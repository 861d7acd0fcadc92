import { classNames } from '../lib/class-names'

/** The mark and the name. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <span className={classNames('inline-flex items-center gap-2 text-lg font-semibold tracking-tight', className)}>
      <svg aria-hidden viewBox="0 0 20 20" className="size-5">
        <path
          d="M10 1.5v3M18.5 10h-3M10 18.5v-3M1.5 10h3"
          className="stroke-faint"
          strokeWidth="1.5"
          strokeLinecap="round"
        />
        <circle cx="10" cy="10" r="3.5" className="fill-accent" />
      </svg>
      Dispatch
    </span>
  )
}
