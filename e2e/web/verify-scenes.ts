/** The page that says why a signature is refused, with the published vector of Standard Webhooks. */
import type { Page } from 'playwright-core'
import type { Scene } from './scenes.js'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const HEADERS = `POST /hooks/hello HTTP/1.1
content-type: application/json
webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek
webhook-timestamp: 1614265330
webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
x-dispatch-signature: t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964
`
const BODY = '{"test": 2432232314}'

export const VERIFY_SCENES: readonly Scene[] = [
  { name: 'verify', path: '/verify', as: 'stranger' },
  { name: 'verify-valid', path: '/verify', as: 'owner', act: verify(`${HEADERS}\n${BODY}`) },
  { name: 'verify-changed', path: '/verify', as: 'stranger', act: verify(`${HEADERS}\n${BODY}\n`, '1614266330') },
  { name: 'verify-refused', path: '/verify', as: 'owner', act: verifyNothing },
]

function verify(request: string, receivedAt = '1614265331'): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByLabel('Request', { exact: true }).fill(request)
    await page.getByLabel('Signing secret').fill(SECRET)
    await page.getByLabel('Received at').fill(receivedAt)
    await page.getByRole('button', { name: 'Find out why' }).click()
    await page.getByRole('status').getByRole('heading').first().waitFor()
  }
}

async function verifyNothing(page: Page): Promise<void> {
  await page.getByText('Headers and body', { exact: true }).click()
  await page.getByLabel('Signing secret').fill('sk_0123')
  await page.getByRole('button', { name: 'Find out why' }).click()
}
