import { QueryClient } from '@tanstack/react-query'
import type { JobEvent, JobListItem, JobPage } from 'dispatch-contract'
import { expect, test } from 'vitest'
import { JOB_LISTS } from './keys'
import { patchedPage, patchJob } from './patch-job'
import { readBesideEvents } from './reads-under-way'

const JOB: JobListItem = {
  id: '0199d0a0-0000-7000-8000-000000000001',
  projectId: '0199d0a0-0000-7000-8000-0000000000aa',
  project: { id: '0199d0a0-0000-7000-8000-0000000000aa', name: 'production' },
  title: 'Invoice',
  webhookUrl: 'https://example.com/hook',
  fireAt: '2026-06-13T09:30:00.000Z',
  nextAttemptAt: '2026-06-13T09:30:00.000Z',
  status: 'SCHEDULED',
  attempt: 0,
  retryCount: 0,
  createdAt: '2026-06-13T09:00:00.000Z',
  updatedAt: '2026-06-13T09:30:01.000Z',
  replayOf: null,
}
const OTHER: JobListItem = { ...JOB, id: '0199d0a0-0000-7000-8000-000000000002' }

const EVENT: JobEvent = {
  jobId: JOB.id,
  projectId: JOB.projectId,
  status: 'SUCCESS',
  attempt: 1,
  nextAttemptAt: null,
  at: '2026-06-13T09:30:01.000Z',
}

function cacheOf(...jobs: JobListItem[]): { client: QueryClient; shown: () => readonly JobListItem[] } {
  const client = new QueryClient()
  const queryKey = [...JOB_LISTS, { page: 1 }]
  const pagination = { total: 2, page: 1, limit: 20, totalPages: 1, totalIsExact: true }
  client.setQueryData(queryKey, { jobs, pagination })
  return { client, shown: () => client.getQueryData<JobPage>(queryKey)?.jobs ?? [] }
}

test('changes the job in the lists that show it, and no other', () => {
  const { client, shown } = cacheOf(JOB, OTHER)
  patchJob(client, EVENT)
  expect(shown()).toEqual([{ ...JOB, status: 'SUCCESS', attempt: 1, nextAttemptAt: null }, OTHER])
})

test('a list without the job stays the same object', () => {
  const { client, shown } = cacheOf(OTHER)
  const before = shown()
  patchJob(client, EVENT)
  expect(shown()).toBe(before)
})

test('an event that is older than what is shown changes nothing', () => {
  const { client, shown } = cacheOf({ ...JOB, status: 'CANCELLED', updatedAt: '2026-06-13T09:30:02.000Z' })
  patchJob(client, EVENT)
  expect(shown()[0]?.status).toBe('CANCELLED')
})

const PAGE: JobPage = {
  jobs: [JOB],
  pagination: { total: 1, page: 1, limit: 20, totalPages: 1, totalIsExact: true },
}

test('a read that was under way when the event came does not put out what it told', async () => {
  const { client } = cacheOf(JOB)
  const read = readBesideEvents(() => Promise.resolve(PAGE), patchedPage)
  patchJob(client, EVENT)
  expect((await read).jobs[0]?.status).toBe('SUCCESS')
})

test('a read that is asked after the event answers as it is', async () => {
  const { client } = cacheOf(JOB)
  patchJob(client, EVENT)
  expect(await readBesideEvents(() => Promise.resolve(PAGE), patchedPage)).toBe(PAGE)
})

test('a read that fails is told of nothing any more', async () => {
  await expect(readBesideEvents(() => Promise.reject(new Error('away')), patchedPage)).rejects.toThrow('away')
})
