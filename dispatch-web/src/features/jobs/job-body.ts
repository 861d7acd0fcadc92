/** The body of `POST /jobs`, its payload set in as it was typed: `JSON.parse` and back would lose digits and order. */
import { createJobBody } from 'dispatch-contract'
import * as z from 'zod'
import { describeProblem, scanJson } from '../../lib/json-text'

export interface JobBody {
  readonly title: string
  readonly webhookUrl: string
  /** ISO text in UTC. */
  readonly fireAt: string
  /** JSON text of an object. */
  readonly payload: string
}

export const jobForm = z.object({
  projectId: z.string().min(1, { error: 'a project' }),
  title: createJobBody.shape.title,
  webhookUrl: createJobBody.shape.webhookUrl,
  fireAt: z.string().min(1, { error: 'a date and a time' }),
  payload: z.string().superRefine((text, context) => {
    const problem = payloadProblem(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
})

/** What is wrong with a payload's text, to follow "Expected"; null when it may be sent. Empty is no payload. */
function payloadProblem(text: string): string | null {
  if (text.trim() === '') return null
  const { problem, tokens } = scanJson(text)
  if (problem) return describeProblem(problem)
  return tokens[0] === '{' ? null : 'a JSON object, such as {"userId": "usr_812"}'
}

/** `payload` must have passed `jobForm`: it goes in unescaped. */
export function jobBodyText({ title, webhookUrl, fireAt, payload }: JobBody): string {
  const rest = JSON.stringify({ title, webhookUrl, fireAt })
  return payload.trim() === '' ? rest : `${rest.slice(0, -1)},"payload":${payload}}`
}
