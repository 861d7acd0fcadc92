import { queryObjects } from 'node:v8'
import { expect, it } from 'vitest'
import { signatureHeaders } from '../delivery/signature.js'
import { type Arrived, EchoIntake } from './echo-intake.js'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const JOB_ID = '0198c5f0-7a3b-7cc2-9d6e-2f4b1a8c0d11'
const AT_MS = 1_900_000_000_000

function arrivedWith(headers: Readonly<Record<string, string>>): Arrived {
  return { method: 'POST', query: '', ipAddress: null, rawHeaders: Object.entries(headers).flat(), atMs: AT_MS }
}

function intakeOf(body: Buffer): EchoIntake {
  const signed = { jobId: JOB_ID, body, timestampSeconds: AT_MS / 1000, secrets: [SECRET] }
  return new EchoIntake(arrivedWith(signatureHeaders(signed)), [{ secret: SECRET, expiresAtMs: null }])
}

it('keeps and checks the same bytes, in whatever pieces they come', () => {
  const body = Buffer.from('0123456789abcdef'.repeat(6_250))
  for (const size of [1, 7, 4_095, 4_096, 4_097, 65_536, 100_000]) {
    const intake = intakeOf(body)
    for (let start = 0; start < body.length; start += size) intake.update(body.subarray(start, start + size))
    const { summary, detail } = intake.finish({ status: 200, delayMs: 0 })
    expect([summary.bodyBytes, summary.verdict], `${size}`).toEqual([100_000, 'valid'])
    expect(detail.body === body.toString('utf8', 0, 65_536), `${size}`).toBe(true)
    expect([detail.bodyTruncated, detail.bodyEncoding]).toEqual([true, 'utf-8'])
  }
})

it('needs no more memory for a body that comes byte by byte', () => {
  const byte = Buffer.from('x')
  const intake = new EchoIntake(arrivedWith({}), [])
  const count = (): number => Number(queryObjects(Buffer))
  const before = count()
  for (let n = 0; n < 20_000; n += 1) intake.update(byte)
  expect(count() - before).toBeLessThan(100)
  expect(intake.finish({ status: 200, delayMs: 0 }).summary.bodyBytes).toBe(20_000)
})
