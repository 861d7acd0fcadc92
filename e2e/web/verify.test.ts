/** A delivery as a real receiver got it, pasted as it was and as things on the way change it; nothing leaves the browser. */
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { startReceiver, type ReceivedRequest, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { post, request, scheduleSoon, signUp, type Project } from '../client.js'
import { accessibilityProblems, expectFocus, openDashboard, saveData, useSession, type Dashboard } from './browser.js'

/** Put into the page by the test of a long search. */
declare const tries: { made: number; holdsFrom: number; readonly held: readonly (() => void)[] }

const PAYLOAD = { plan: 'pro', amount: 12.5, note: 'naïve', path: 'a/b' }

let dashboard: Dashboard
let receiver: Receiver
let project: Project
let jobId: string
let delivery: ReceivedRequest
let secret: string

const secretUrl = (): string => `${dashboard.server.url}/api/v1/projects/${project.id}/signing-secret`
const bearer = (): Record<string, string> => ({ authorization: `Bearer ${project.token}` })

beforeAll(async () => {
  dashboard = await openDashboard()
  receiver = await startReceiver()
  project = await signUp(dashboard.server.url)
  secret = (await request<{ secret: string }>('GET', secretUrl(), { headers: bearer() })).data.secret
  jobId = (await schedule('Trial expiry')).id
  delivery = (await receiver.waitFor(1))[0]!
})

afterAll(async () => {
  await receiver.close()
  await dashboard.close()
})

function schedule(title: string): Promise<{ id: string }> {
  const job = { title, webhookUrl: `${receiver.url}/hook`, payload: PAYLOAD }
  return scheduleSoon(dashboard.server.url, project.key, job)
}

const headers = (): string[] => Object.entries(delivery.headers).map(([name, value]) => `${name}: ${String(value)}`)
const sentBody = (): string => delivery.rawBody.toString()
const whole = (body = sentBody(), lines = headers()): string => `POST /hook HTTP/1.1\n${lines.join('\n')}\n\n${body}`

async function ask(page: Page, pasted: string, { given = secret, receivedAt = '' } = {}): Promise<string> {
  await page.getByLabel('Request', { exact: true }).fill(pasted)
  await page.getByLabel('Signing secret').fill(given)
  await page.getByLabel('Received at').fill(receivedAt)
  await page.getByRole('button', { name: 'Find out why' }).click()
  const answer = page.getByRole('region', { name: 'Answer' })
  await answer.getByRole('heading', { level: 3 }).first().waitFor()
  return (await answer.getByRole('heading', { level: 3 }).allTextContents()).join('; ')
}

test('a stranger learns why, and nothing is sent', async () => {
  const { page, complaints } = await dashboard.open()
  await saveData(page)
  await page.goto('/verify')
  await page.getByRole('button', { name: 'Find out why' }).waitFor()
  await page.waitForLoadState('networkidle')
  const sent: string[] = []
  page.on('request', (one) => sent.push(one.url()))

  expect(await ask(page, whole())).toContain('In order: Rightly signed')
  expect(await ask(page, whole(), { given: 'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=' })).toContain(
    'Wrong secret',
  )
  expect(await ask(page, whole(JSON.stringify(JSON.parse(sentBody()), null, 2)))).toContain('serialised anew')
  expect(
    await ask(
      page,
      whole(
        `${sentBody()}\n`,
        headers().filter((line) => !line.startsWith('content-length')),
      ),
    ),
  ).toContain('more at its ends')
  expect(await ask(page, whole(sentBody().slice(0, -3)))).toContain('content-length says')
  const late = new Date((Number(delivery.headers['webhook-timestamp']) + 1000) * 1000).toISOString()
  expect(await ask(page, whole(), { receivedAt: late })).toContain('Clock skew of 1000 s')
  const renamed = headers().map((line) => line.replace(/^(webhook|x-dispatch)-signature/, 'http_$1_signature'))
  expect(await ask(page, whole(sentBody(), renamed))).toContain('webhook-signature arrived as http_webhook_signature')
  const unsigned = headers().filter((line) => !/signature/.test(line))
  expect(await ask(page, whole(sentBody(), unsigned))).toContain('No signature arrived')
  const another = headers().map((line) =>
    line.replace(/^webhook-id: .*/, 'webhook-id: 0199d0a0-0000-7000-8000-000000000009'),
  )
  expect(await ask(page, whole(sentBody(), another))).toContain('webhook-id was changed')

  expect(sent).toEqual([])
  // Nor is anything kept.
  expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain('whsec_')
  expect(await accessibilityProblems(page)).toEqual([])
  expect(complaints()).toEqual([])
})

test("headers and body apart, and a job's own curl command, by who is signed in", async () => {
  const { page, complaints } = await dashboard.open()
  await useSession(page, project.token)
  await page.goto(`/jobs/${jobId}`)
  await page.getByRole('tab', { name: 'curl' }).click()
  const command = await page.getByLabel('curl command', { exact: true }).textContent()
  await page.getByRole('link', { name: 'Find out why' }).click()
  // The page of the job has something called “Request” too.
  await page.getByLabel('Received at').waitFor()
  await page.getByRole('navigation', { name: 'Main' }).first().waitFor()
  expect(await ask(page, command ?? '')).toContain('Rightly signed')

  await page.getByText('Headers and body', { exact: true }).click()
  await page.getByLabel('Headers', { exact: true }).fill(JSON.stringify(delivery.headers))
  await page.getByLabel('Body', { exact: true }).fill(sentBody().replace('naïve', 'naive'))
  await page.getByRole('button', { name: 'Find out why' }).click()
  await page.getByRole('heading', { name: /content-length says/ }).waitFor()
  await page.getByLabel('Body', { exact: true }).fill(sentBody())
  await page.getByRole('heading', { name: /content-length says/ }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Find out why' }).click()
  await page.getByRole('heading', { name: 'Rightly signed' }).waitFor()
  expect(complaints()).toEqual([])
})

test('a body of megabytes is tried as it came first; the search ends as soon as it is not wanted any more', async () => {
  const { page, complaints } = await dashboard.open()
  await page.addInitScript(() => {
    const { subtle } = crypto
    const sign = subtle.sign.bind(subtle)
    const tries = { made: 0, held: [] as (() => void)[], holdsFrom: Infinity }
    Object.assign(globalThis, { tries })
    subtle.sign = async (...given: Parameters<SubtleCrypto['sign']>) => {
      tries.made += 1
      if (tries.made >= tries.holdsFrom) await new Promise<void>((resolve) => tries.held.push(resolve))
      return sign(...given)
    }
  })
  await page.goto('/verify')
  const parts = { jobId: 'a', title: 'b', payload: Array.from({ length: 50_000 }, (_, index) => ({ index })) }
  const big = JSON.stringify({ ...parts, padding: 'x'.repeat(1_500_000) })
  const time = 1_765_703_400
  const made = createHmac('sha256', secret).update(`${time}.${big}`).digest('hex')
  const pasted = `x-dispatch-signature: t=${time},v1=${made}\n\n${big}`
  expect(await ask(page, pasted)).toContain('Rightly signed')
  expect(await page.evaluate(() => tries.made)).toBe(1)

  await page.evaluate(() => (tries.holdsFrom = 4))
  await page.getByLabel('Signing secret').fill('whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=')
  await page.getByRole('button', { name: 'Find out why' }).click()
  await page.waitForFunction(() => tries.held.length === 1)
  await page.getByLabel('Received at').fill('1765703401')
  await page.evaluate(() => {
    tries.holdsFrom = Infinity
    tries.held[0]!()
  })
  expect(await ask(page, whole())).toContain('Rightly signed')
  // The first, three of the search that was given up, and one for each of two signatures.
  expect(await page.evaluate(() => tries.made)).toBe(6)
  expect(complaints()).toEqual([])
})

test('what cannot be read stands at its field, which takes the focus', async () => {
  const { page, complaints } = await dashboard.open()
  await page.goto('/verify')
  await page.getByLabel('Request', { exact: true }).fill('webhook-id: a')
  await page.getByLabel('Received at').fill('yesterday')
  await page.getByRole('button', { name: 'Find out why' }).click()
  await page.getByText('Is the body missing?').waitFor()
  await page.getByText('Expected the signing secret').waitFor()
  await page.getByText('Expected a time such as').waitFor()
  await expectFocus(page.getByLabel('Request', { exact: true }))
  expect(complaints()).toEqual([])
})

test('a secret that was rotated still holds in its overlap, and is said to be old', async () => {
  await post(`${secretUrl()}/rotate`, { overlapSeconds: 3600 }, bearer())
  const before = receiver.requests.length
  await schedule('After the rotation')
  delivery = (await receiver.waitFor(before + 1))[before]!
  const { page } = await dashboard.open()
  await page.goto('/verify')
  expect(await ask(page, whole())).toMatch(/Rightly signed.*Signed with it as an old secret/)
})

test('a session that is over leaves who pastes where they are', async () => {
  const { page, expects } = await dashboard.open()
  expects(/401/)
  await useSession(page, 'no session')
  await page.goto('/verify')
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/verify')
})
