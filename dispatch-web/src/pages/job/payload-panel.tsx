import { useMemo, useState } from 'react'
import { CodeBlock } from '../../components/code-block'
import { Panel } from '../../components/panel'
import { Segmented } from '../../components/segmented'
import { formatJson } from '../../lib/json-text'

const FORMS = [
  { value: 'pretty', label: 'Pretty' },
  { value: 'raw', label: 'Raw' },
] as const

/** The payload's text: laid out for reading, or byte for byte. */
export function PayloadPanel({ text }: { readonly text: string }) {
  const [form, setForm] = useState<(typeof FORMS)[number]['value']>('pretty')
  const pretty = useMemo(() => formatJson(text) ?? text, [text])
  return (
    <Panel
      title="Payload"
      actions={<Segmented label="How the payload is shown" options={FORMS} value={form} onChange={setForm} />}
      isPadded
    >
      <CodeBlock what="payload" text={form === 'pretty' ? pretty : text} />
    </Panel>
  )
}
