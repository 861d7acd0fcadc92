/** Calls the API: bearer along, envelope off, data checked by the contract's schema, every failure an `ApiError`. */
import { envelope, errorEnvelope } from 'dispatch-contract'
import * as z from 'zod'
import { ApiError } from './api-error'
import { API_URL } from './api-url'
import { noteReachable, noteUnreachable } from './connection'
import { noteServerDate } from './server-clock'
import { expireSession, token } from './session'

export interface Call<Data extends z.ZodType> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Under `/api/v1`; put ids in with `encodeURIComponent`. */
  readonly path: string
  /** Left out of the URL where undefined. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  /** The body as JSON text that goes out as it is, instead of `body`: its numbers keep their digits. */
  readonly bodyText?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of the answer's `data`. */
  readonly data: Data
  readonly signal?: AbortSignal | undefined
}

export interface Answer<Data> {
  readonly data: Data
  readonly message: string
}

/** Of routes that answer nothing. */
export const nothing = z.null()

const around = envelope(z.unknown())

/** The data of a successful answer. Rejects with an `ApiError`; with an `AbortError` when `signal` aborts. */
export async function callApi<Data extends z.ZodType>(call: Call<Data>): Promise<z.output<Data>> {
  return (await askApi(call)).data
}

/** As `callApi`, with the message that came along. */
export async function askApi<Data extends z.ZodType>(call: Call<Data>): Promise<Answer<z.output<Data>>> {
  const bearer = token.get()
  const answer = await send(call, bearer)
  const json = await readJson(answer)
  if (!answer.ok) throw refusal(answer, json, bearer)
  const outer = around.safeParse(json)
  if (!outer.success) throw unexpected(answer, outer.error)
  const parsed = call.data.safeParse(outer.data.data)
  if (!parsed.success) throw unexpected(answer, parsed.error)
  return { data: parsed.data, message: outer.data.message }
}

/** The answer of a route whose success is a file, its body unread. Rejects as `callApi` does. */
export async function openFile(call: Pick<Call<z.ZodType>, 'path' | 'query' | 'signal'>): Promise<Response> {
  const bearer = token.get()
  const answer = await send(call, bearer)
  if (answer.ok) return answer
  throw refusal(answer, await readJson(answer), bearer)
}

async function send(call: Omit<Call<z.ZodType>, 'data'>, bearer: string | null) {
  const { method = 'GET', path, query, headers, signal } = call
  const body = call.bodyText ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
  const sentAtMs = Date.now()
  try {
    const answer = await fetch(`${API_URL}/api/v1${path}${queryText(query)}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
      cache: 'no-store',
    })
    noteServerDate(answer.headers.get('date'), sentAtMs, Date.now())
    return answer
  } catch (error) {
    if (signal?.aborted) throw error
    noteUnreachable()
    const message = 'Dispatch cannot be reached at the moment. Nothing was lost here; try again when it is back.'
    throw new ApiError({ code: 'UNREACHABLE', status: 0, message, cause: error })
  }
}

function queryText(query: Call<z.ZodType>['query']): string {
  const present = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return present.length === 0 ? '' : `?${new URLSearchParams(present).toString()}`
}

async function readJson(answer: Response): Promise<unknown> {
  try {
    return await answer.json()
  } catch {
    // A proxy in front speaks HTML while the API behind it is away.
    if (answer.status >= 502 && answer.status <= 504) noteUnreachable()
    throw unexpected(answer)
  }
}

function refusal(answer: Response, json: unknown, bearer: string | null): ApiError {
  const { data: parsed } = errorEnvelope.safeParse(json)
  if (!parsed) return unexpected(answer)
  noteReachable()
  const code = answer.headers.get('x-error-code') ?? 'UNKNOWN'
  if (code === 'SESSION_INVALID' && bearer !== null) expireSession(bearer)
  const retryAfter = answer.headers.get('retry-after')
  return new ApiError({
    code,
    status: answer.status,
    message: parsed.message,
    data: parsed.data,
    retryAfterSeconds: retryAfter === null ? null : Number(retryAfter),
  })
}

function unexpected(answer: Response, cause?: unknown): ApiError {
  const message = `Dispatch gave an answer that this page does not understand (status ${answer.status}). Reload the page; if that does not help, dashboard and API may be of different versions.`
  return new ApiError({ code: 'UNEXPECTED_ANSWER', status: answer.status, message, cause })
}
