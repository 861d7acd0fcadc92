/** `dispatch jobs create`: from the words of the command line to a job. */
import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import type { NewJob } from 'dispatch-client'
import { duration } from '../../config/types.js'

export interface CreateOptions {
  readonly title: string
  readonly url: string
  /** RFC 3339 in UTC. */
  readonly at?: string
  /** `90s`, `5m`, `2h`; a bare number means seconds. */
  readonly in?: string
  /** JSON text. */
  readonly payload?: string
  /** A file with JSON text; `-` = standard input. */
  readonly payloadFile?: string
  readonly idempotencyKey?: string
}

/** The options cannot be used together, or one of them cannot be read; the message says which. */
export class UsageError extends Error {}

const fromNow = duration('0ms', '36500d', 's')

/** Rejects with a `UsageError`. */
export async function newJobFrom(options: CreateOptions, stdin: NodeJS.ReadableStream): Promise<NewJob> {
  const { title, url: webhookUrl } = options
  const fireAt = readFireAt(options)
  const payloadText = await readPayload(options, stdin)
  return { title, webhookUrl, fireAt, ...(payloadText !== undefined && { payloadText }) }
}

function readFireAt(options: CreateOptions): NewJob['fireAt'] {
  if ((options.at === undefined) === (options.in === undefined)) {
    throw new UsageError('Say when, by one of --at 2031-06-13T09:30:00Z and --in 90s')
  }
  if (options.at !== undefined) return options.at
  try {
    return { inMs: fromNow.parse(options.in ?? '') }
  } catch (error) {
    throw new UsageError(`--in: ${messageOf(error)}`)
  }
}

async function readPayload(
  { payload, payloadFile }: CreateOptions,
  stdin: NodeJS.ReadableStream,
): Promise<string | undefined> {
  if (payloadFile === undefined) return payload
  if (payload !== undefined) throw new UsageError('Give one of --payload and --payload-file')
  try {
    const bytes = await buffer(payloadFile === '-' ? stdin : createReadStream(payloadFile))
    // Strict: replacement characters would be delivered in place of what cannot be read.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new UsageError(`--payload-file ${payloadFile}: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
