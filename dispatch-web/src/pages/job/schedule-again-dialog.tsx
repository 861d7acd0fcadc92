import { useId, useState } from 'react'
import * as z from 'zod'
import { Button } from '../../components/button'
import { Dialog } from '../../components/dialog'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { InstantInput, InstantMeaning } from '../../components/instant-input'
import { replayJob } from '../../features/jobs/api'
import { toIso, type InstantText } from '../../lib/instant-text'
import { randomKey } from '../../lib/random-key'
import { zone } from '../../lib/zone'
import { useForm } from '../../lib/use-form'
import type { ReplayDialogProps } from './fire-again-dialog'

const schema = z.object({ fireAt: z.string().min(1, { error: 'a date and a time' }) })

export function ScheduleAgainDialog({ job, onClose, onMade }: ReplayDialogProps) {
  const formId = useId()
  const [inZone, setInZone] = useState(zone.get)
  // One for each time and dialog: asking again after an answer that got lost makes one job.
  const [key, setKey] = useState(randomKey)
  const form = useForm({
    schema,
    initial: { fireAt: '' },
    toBody: ({ fireAt = '' }) => ({ fireAt: toIso({ text: fireAt, zone: inZone }) }),
    submit: (body) => replayJob(job.id, body, key),
    onDone({ id }) {
      onClose()
      onMade(id)
    },
  })
  const at: InstantText = { text: form.valueOf('fireAt'), zone: inZone }
  const take = ({ text, zone: chosen }: InstantText): void => {
    setInZone(chosen)
    form.set('fireAt', text)
    setKey(randomKey())
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Schedule again"
      description="A new job with the same URL and payload. This job stays as it is."
      width="lg"
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" form={formId} look="primary" isBusy={form.isBusy}>
            Schedule
          </Button>
        </>
      }
    >
      <Form form={form} id={formId}>
        <Field label="Fire at" error={form.errorOf('fireAt')} hint={<InstantMeaning value={at} />}>
          <InstantInput name="fireAt" value={at} onChange={take} />
        </Field>
      </Form>
    </Dialog>
  )
}
