import { Dispatch, DispatchApiError } from 'dispatch-client'
import { expect, test } from 'vitest'
import { systemClock } from '../../clock.js'
import { Progress } from './progress.js'
import { scheduleGroup } from './schedule.js'

const PLANNED = { key: 'x', title: 'Welcome mail', answers: [200], holdMs: 0 }
const PAST = 'fireAt: expected a time in the future'

/** Schedules a job due so soon at a server whose first answer, so late, is a refusal; answers the due times it was asked for. */
async function scheduleRefused(dueInMs: number, lateMs: number): Promise<string[]> {
  const asked: string[] = []
  const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const { fireAt } = JSON.parse(init?.body as string) as { fireAt: string }
    asked.push(fireAt)
    if (asked.length > 1) return Response.json({ status: true, message: 'ok', data: { id: 'job', fireAt } })
    await systemClock.sleep(lateMs)
    const headers = { 'x-error-code': 'VALIDATION' }
    return Response.json({ status: false, message: PAST, data: null }, { status: 400, headers })
  }
  const client = new Dispatch({ url: 'http://dispatch.example', apiKey: 'sk_x', fetch })
  const progress = new Progress([{ ...PLANNED, dueInMs }])
  const { signal } = new AbortController()
  await scheduleGroup(progress.jobs, { client, progress, clock: systemClock, urlOf: () => 'http://x.example', signal })
  expect(progress.jobs[0]!.job?.fireAt).toBe(asked[1])
  return asked
}

test('a job whose due time passed before the server had it is scheduled anew', async () => {
  const [first, second] = await scheduleRefused(20, 30)
  expect(Date.parse(second!) - Date.parse(first!)).toBeGreaterThanOrEqual(20)
})

test('what is refused although there was time is told', async () => {
  await expect(scheduleRefused(3_600_000, 0)).rejects.toThrow(DispatchApiError)
})
