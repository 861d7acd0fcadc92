import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button, type ButtonProps } from './button'

const DONE_MS = 1500

export interface CopyButtonProps extends Omit<ButtonProps, 'onClick' | 'icon' | 'children'> {
  readonly text: string
  /** What is copied, for the button's name: "key". */
  readonly what: string
  /** Only the icon. */
  readonly isIcon?: boolean
}

export function CopyButton({ text, what, isIcon = false, ...rest }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'done' | 'refused' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), DONE_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setOutcome('done')
    } catch {
      // Browsers allow it on https and localhost only, and may ask.
      setOutcome('refused')
    }
  }
  const words = outcome === 'done' ? 'Copied' : outcome === 'refused' ? 'Select and copy it by hand' : `Copy ${what}`
  const Icon = outcome === 'done' ? Check : Copy
  return (
    <>
      <Button
        size={isIcon ? 'icon' : 'md'}
        look={isIcon ? 'quiet' : 'plain'}
        aria-label={isIcon ? `Copy ${what}` : undefined}
        {...rest}
        onClick={() => void copy()}
        icon={<Icon aria-hidden size={15} />}
      >
        {!isIcon && words}
      </Button>
      <span role="status" className="sr-only">
        {outcome !== null && words}
      </span>
    </>
  )
}
