import { useId, useState, type ReactNode } from 'react'
import { Banner } from './banner'
import { Button } from './button'
import { Dialog } from './dialog'
import { Field } from './field'
import { Input } from './input'

export interface ConfirmDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: string
  /** What will happen, and what cannot be undone. */
  readonly description: ReactNode
  /** The verb: "Delete project". */
  readonly action: string
  /** What the button that changes nothing says. */
  readonly dismissal?: string
  readonly look?: 'danger' | 'primary'
  /** Has to be typed before `action` can be pressed. */
  readonly typeToConfirm?: string
  readonly isBusy?: boolean
  readonly error?: string | undefined
  readonly onConfirm: () => void
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  // Inside, so that what was typed is gone when it opens again.
  return props.isOpen ? <OpenConfirmDialog {...props} /> : null
}

function OpenConfirmDialog(props: ConfirmDialogProps) {
  const {
    onClose,
    title,
    description,
    action,
    look = 'danger',
    dismissal = look === 'danger' ? 'Keep it' : 'Not now',
    typeToConfirm,
    isBusy = false,
    error,
    onConfirm,
  } = props
  const formId = useId()
  const [typed, setTyped] = useState('')
  const isConfirmed = typeToConfirm === undefined || typed.trim() === typeToConfirm.trim()
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={onClose}>{dismissal}</Button>
          <Button type="submit" form={formId} look={look} disabled={!isConfirmed} isBusy={isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (isConfirmed) onConfirm()
        }}
      >
        {error !== undefined && <Banner tone="danger">{error}</Banner>}
        {typeToConfirm !== undefined && (
          <Field
            label={
              <>
                Type <span className="font-mono text-accent-text">{typeToConfirm}</span> to confirm
              </>
            }
          >
            <Input
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        )}
      </form>
    </Dialog>
  )
}
