import { useEffect, useState, type ComponentProps } from 'react'
import { Input } from './input'

/** After the last key, so that not every letter is a request. */
const PAUSE_MS = 350

export interface FilterInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  /** What is filtered by now. */
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A text to filter by: taken after a pause, at once by Enter and when it is left. */
export function FilterInput({ value, onChange, ...rest }: FilterInputProps) {
  const [draft, setDraft] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // Changed from outside: by the browser's back button, or "clear".
    setKnown(value)
    setDraft(value)
  }
  const take = (): void => {
    if (draft.trim() !== value) onChange(draft.trim())
  }
  useEffect(() => {
    if (draft.trim() === value) return
    const timer = setTimeout(() => onChange(draft.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [draft, value, onChange])
  return (
    <Input
      {...rest}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take()
      }}
    />
  )
}
