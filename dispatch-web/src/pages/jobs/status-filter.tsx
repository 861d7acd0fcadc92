import { jobStatus, type JobStatus } from 'dispatch-contract'
import { Lamp } from '../../components/lamp'
import { classNames } from '../../lib/class-names'

export interface StatusFilterProps {
  /** As in the query string: several are separated by commas. */
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

/** A key for each state; none pressed means all. */
export function StatusFilter({ value, onChange }: StatusFilterProps) {
  const pressed = new Set(value?.split(','))
  const toggle = (state: JobStatus): void => {
    const next = jobStatus.options.filter((one) => (one === state ? !pressed.has(one) : pressed.has(one)))
    onChange(next.length === 0 ? undefined : next.join(','))
  }
  return (
    <div role="group" aria-label="Status" className="contents">
      {jobStatus.options.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={pressed.has(state)}
          onClick={() => toggle(state)}
          className={classNames(
            'inline-flex h-7 items-center rounded-md border px-2.5',
            pressed.has(state) ? 'border-line-strong bg-raised' : 'border-line bg-panel hover:bg-raised',
          )}
        >
          <Lamp state={state} />
        </button>
      ))}
    </div>
  )
}
