/** The API as a test's client sees it: JSON in, the envelope out. */

export interface Answer<Data> {
  readonly status: number
  readonly message: string
  readonly data: Data
}

export interface Project {
  readonly id: string
  readonly token: string
  readonly key: string
}

export async function request<Data>(
  method: string,
  url: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer<Data>> {
  const { body, headers = {} } = options
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const { message, data } = (await response.json()) as { message: string; data: Data }
  return { status: response.status, message, data }
}

/** `POST` that must succeed. */
export async function post<Data>(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Data> {
  const answer = await request<Data>('POST', url, { body, headers })
  if (answer.status >= 300) throw new Error(`${url} answered ${answer.status}: ${answer.message}`)
  return answer.data
}

/** `GET` that must succeed. */
export async function get<Data>(url: string, headers: Record<string, string> = {}): Promise<Data> {
  const answer = await request<Data>('GET', url, { headers })
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${answer.message}`)
  return answer.data
}

/**
 * The job that `schedule` makes, due `inMs` from now; `schedule` throws what it is refused with. A busy machine can let that time
 * pass before the server reads it, which then rightly refuses: asked again with twice the time. A refusal before that time is
 * the server's mistake.
 */
export async function dueSoon<Job>(inMs: number, schedule: (fireAt: string) => Promise<Job>): Promise<Job> {
  const dueAtMs = Date.now() + inMs
  try {
    return await schedule(new Date(dueAtMs).toISOString())
  } catch (error) {
    const cameTooLate = String(error).includes('expected a time in the future') && Date.now() >= dueAtMs
    if (!cameTooLate) throw error
  }
  return dueSoon(inMs * 2, schedule)
}

/** A job by the API with the project's key, due `inMs` from now. */
export function scheduleSoon<Job = { readonly id: string }>(
  serverUrl: string,
  key: Project['key'],
  job: { readonly title: string; readonly webhookUrl: string; readonly payload?: object },
  inMs = 300,
): Promise<Job> {
  return dueSoon(inMs, (fireAt) => post<Job>(`${serverUrl}/api/v1/jobs`, { ...job, fireAt }, { 'x-api-key': key }))
}

/** An account with a project and a key. */
export async function signUp(serverUrl: string, email = 'owner@example.com'): Promise<Project> {
  const api = `${serverUrl}/api/v1`
  const { token } = await post<{ token: string }>(`${api}/auth/register`, { email, password: 'long enough' })
  const bearer = { authorization: `Bearer ${token}` }
  const { id } = await post<{ id: string }>(`${api}/projects`, { name: 'production' }, bearer)
  const { key } = await post<{ key: string }>(`${api}/projects/${id}/api-keys`, { label: 'test' }, bearer)
  return { id, token, key }
}
