import { classNames } from '../lib/class-names'
import { CopyButton } from './copy-button'

export interface CodeBlockProps {
  /** Always shown as text, whatever is in it. */
  readonly text: string
  /** What it is: "payload", "response body". */
  readonly what: string
  readonly isWrapped?: boolean
  /** As high as its text; else long texts scroll. */
  readonly isWhole?: boolean
  readonly className?: string
}

export function CodeBlock({ text, what, isWrapped = true, isWhole = false, className }: CodeBlockProps) {
  return (
    <div className={classNames('relative rounded-md border border-line bg-well', className)}>
      <pre
        tabIndex={0}
        aria-label={what}
        className={classNames(
          'overflow-auto p-3 pr-12 font-mono text-sm leading-relaxed print:max-h-none print:pr-3 print:break-words print:whitespace-pre-wrap',
          !isWhole && 'max-h-96',
          isWrapped && 'break-words whitespace-pre-wrap [overflow-wrap:anywhere]',
        )}
      >
        {text}
      </pre>
      <CopyButton text={text} what={what} isIcon className="absolute top-1.5 right-1.5 print:hidden" />
    </div>
  )
}
