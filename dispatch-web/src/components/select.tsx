import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronsUpDown } from 'lucide-react'
import { classNames } from '../lib/class-names'
import { useFieldControl } from './field'
import { CONTROL_CLASS } from './input'
import { POPUP_CLASS } from './popup'

export interface Option<Value extends string> {
  readonly value: Value
  readonly label: string
}

export interface SelectProps<Value extends string> {
  readonly options: readonly Option<Value>[]
  readonly value: Value
  readonly onChange: (value: Value) => void
  /** Needed outside of a `Field`. */
  readonly 'aria-label'?: string
  readonly className?: string
}

export function Select<Value extends string>({ options, value, onChange, className, ...rest }: SelectProps<Value>) {
  return (
    <Base.Root items={options} value={value} onValueChange={(next) => next !== null && onChange(next)}>
      <Base.Trigger
        {...useFieldControl()}
        {...rest}
        className={classNames(CONTROL_CLASS, 'flex items-center justify-between gap-3 text-left', className)}
      >
        <Base.Value className="truncate" />
        <Base.Icon className="text-faint">
          <ChevronsUpDown aria-hidden size={14} />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-30 outline-none">
          <Base.Popup
            className={classNames(
              POPUP_CLASS,
              'max-h-(--available-height) max-w-(--available-width) min-w-(--anchor-width) py-1',
            )}
          >
            {options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                className="grid grid-cols-[1rem_minmax(0,1fr)] items-center gap-2 px-2.5 py-1.5 text-base outline-none select-none data-highlighted:bg-raised"
              >
                <Base.ItemIndicator className="text-accent-text">
                  <Check aria-hidden size={14} />
                </Base.ItemIndicator>
                <Base.ItemText className="col-start-2 truncate">{option.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
