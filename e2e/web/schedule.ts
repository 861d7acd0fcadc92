import { dueSoon, request, type Project } from '../client.js'

export interface SoonJob {
  readonly title: string
  readonly webhookUrl: string
  readonly payload?: object
  readonly inMs: number
}

/** Makes a job by the API with the project's key, due so many milliseconds from now. */
export async function scheduleSoon(
  serverUrl: string,
  key: Project['key'],
  { inMs, ...job }: SoonJob,
): Promise<{ id: string }> {
  const headers = { 'x-api-key': key }
  const { status, message, data } = await dueSoon(inMs, (fireAt) =>
    request<{ id: string }>('POST', `${serverUrl}/api/v1/jobs`, { body: { ...job, fireAt }, headers }),
  )
  if (status !== 201) throw new Error(`the job “${job.title}” was refused with ${status}: ${message}`)
  return data
}
