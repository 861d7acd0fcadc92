import { Braces } from 'lucide-react'
import { useRef } from 'react'
import { formatJson, type JsonProblem } from '../lib/json-text'
import { Button } from './button'
import { TextArea } from './input'

export interface JsonEditorProps {
  readonly name: string
  readonly value: string
  readonly onChange: (text: string) => void
  /** Of `value`; the cursor can be sent there. */
  readonly problem: JsonProblem | null
}

/** JSON as text, kept as it was typed. Inside of a `Field`. */
export function JsonEditor({ name, value, onChange, problem }: JsonEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const goTo = (at: number): void => {
    area.current?.focus()
    area.current?.setSelectionRange(at, at + 1)
  }
  return (
    <div className="flex flex-col gap-2">
      <TextArea
        ref={area}
        name={name}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        rows={10}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
        <Button
          size="sm"
          icon={<Braces aria-hidden size={14} />}
          disabled={problem !== null}
          onClick={() => onChange(formatJson(value) ?? value)}
        >
          Format
        </Button>
        {problem === null ? (
          <span className="text-muted">{sizeOf(value)}, sent as it stands here</span>
        ) : (
          <Button look="quiet" size="sm" onClick={() => goTo(problem.at)}>
            Go to line {problem.line}
          </Button>
        )}
      </div>
    </div>
  )
}

function sizeOf(text: string): string {
  const bytes = new TextEncoder().encode(text.trim()).length
  return bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes`
}
