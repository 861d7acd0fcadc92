/**
 * What an attempt's result means: one pure function, one table of words. The endpoint's status line alone decides; how
 * its body ended only shows in `responseTruncated`. The words say what to do, for whoever reads the job's log.
 */

export type DeliveryResult = DeliveryResponse | DeliveryError

export interface DeliveryResponse {
  readonly kind: 'response'
  readonly statusCode: number
  readonly body: string
  readonly bodyTruncated: boolean
}

export interface DeliveryError {
  readonly kind: 'error'
  /** Words for people: what happened, to which address, what to do. */
  readonly message: string
}

export interface Outcome {
  readonly kind: 'delivered' | 'failed'
  /** null when no status line came. */
  readonly responseCode: number | null
  readonly responseBody: string | null
  readonly responseTruncated: boolean
  /** null when delivered. */
  readonly error: string | null
}

/** 2xx is delivered; every other answer, and none, is failed. A request that was never sent is no result: hand it back. */
export function classify(result: DeliveryResult): Outcome {
  if (result.kind === 'error') {
    return { kind: 'failed', responseCode: null, responseBody: null, responseTruncated: false, error: result.message }
  }
  const delivered = result.statusCode >= 200 && result.statusCode <= 299
  return {
    kind: delivered ? 'delivered' : 'failed',
    responseCode: result.statusCode,
    responseBody: result.body,
    responseTruncated: result.bodyTruncated,
    error: delivered ? null : statusWords(result.statusCode),
  }
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'the endpoint did not understand the request; its answer may say why',
  401: 'the endpoint wants credentials; put a token in the URL, or let it check the signature headers instead',
  403: 'the endpoint refuses the request; check its firewall, its token or its signature check',
  404: 'nothing answers at this path; check the webhook URL',
  405: 'the endpoint does not take POST at this path; check the webhook URL',
  408: 'the endpoint gave up waiting for the request',
  410: 'the endpoint is gone for good; schedule with its new URL',
  411: 'the endpoint, or a proxy before it, lost the length of the request',
  413: 'the body is too large for the endpoint; send a smaller payload or raise its limit',
  415: 'the endpoint does not take application/json',
  421: 'the server does not serve this host name; check the webhook URL',
  429: 'the endpoint is being asked too often; spread the jobs out or raise its limit',
  500: 'the endpoint failed; see its own log',
  502: 'a proxy could not reach the endpoint; is the service behind it running?',
  503: 'the endpoint is not available at the moment; is the service running?',
  504: 'a proxy waited too long for the endpoint; answer first, and do slow work afterwards',
}

function statusWords(statusCode: number): string {
  return `Answered ${statusCode}: ${WORDS[statusCode] ?? classWords(statusCode)}`
}

function classWords(statusCode: number): string {
  if (statusCode >= 300 && statusCode <= 399) return 'redirects are not followed; schedule with the final URL'
  if (statusCode >= 400 && statusCode <= 499) return 'the endpoint refuses the request; its answer may say why'
  if (statusCode >= 500 && statusCode <= 599) return 'the endpoint failed; see its own log'
  return 'only a status from 200 to 299 counts as delivered'
}
