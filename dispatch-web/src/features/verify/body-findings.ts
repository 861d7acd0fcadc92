import { firstDifference, type Finding } from './finding'
import type { LikelyBody } from './likely-bodies'
import type { Match } from './match-signatures'
import type { GivenRequest } from './read-request'
import { scanJson } from '../../lib/json-text'

const RAW =
  'Check the raw bytes as they arrived, before any JSON parser: express.raw({ type: "application/json" }), request.get_data() in Flask, io.ReadAll(r.Body) in Go. Parse after that.'
const PASTE = 'Copying can do that too, so compare with what your handler hands over.'

const TITLES: Readonly<Record<Exclude<LikelyBody['change'], 'none'>, string>> = {
  ends: 'The body has more at its ends than was signed',
  mark: 'A byte order mark was added to the body',
  'line-ends': 'The line ends of the body were changed',
  charset: 'The characters of the body were changed',
  escaped: 'The body is escaped',
  rewritten: 'The body was serialised anew',
}

/** Of a body whose signature holds once something is undone. */
export function bodyFindings({ body }: Match, request: GivenRequest): Finding[] {
  if (body.change === 'none') return encodings(request)
  const title = TITLES[body.change]
  const difference = firstDifference(body.text, request.body)
  if (body.change === 'ends' && lengthOf(request) === bytesOf(body.text)) {
    const text = `Without it the body has the ${bytesOf(body.text)} bytes that content-length tells, so it probably came with copying and not with the request.`
    return [{ code: 'body-changed', tone: 'note', title, text }]
  }
  const isByCopying = body.change === 'ends' || body.change === 'line-ends'
  const text = `The secret is right. ${body.words}${isByCopying ? ` ${PASTE}` : ''}`
  return [{ code: 'body-changed', tone: 'problem', title, text, cure: RAW, difference }, ...encodings(request)]
}

/** Where no secret makes any signature: the evidence for what it may be. */
export function unmatchedFindings(request: GivenRequest, isReadable: boolean): Finding[] {
  if (!isReadable) return []
  const cut = [...cutOff(request), ...encodings(request)]
  const isSuspect = cut.some(({ tone }) => tone === 'problem')
  const wrong: Finding = {
    code: 'wrong-secret',
    tone: 'problem',
    title: isSuspect ? 'No signature holds' : 'Wrong secret',
    text: isSuspect
      ? 'The body is not what was signed; whether the secret is right cannot be told from this request.'
      : 'This secret makes none of the signatures, neither over the body as it is nor over any usual way of writing it anew. Most often the secret is of another project, or was rotated since.',
    cure: isSuspect
      ? 'Compare with the request that the job’s page shows, byte for byte.'
      : 'Copy the signing secret from the page of the job’s project. If it is that one, something changed the body: compare it with the request that the job’s page shows.',
  }
  return isSuspect ? [...cut, wrong] : [wrong, ...cut]
}

/** Fewer or more bytes than were sent, or no JSON: what Dispatch sends always is. */
function cutOff(request: GivenRequest): Finding[] {
  const length = lengthOf(request)
  const bytes = bytesOf(request.body)
  if (length !== null && length !== bytes && length !== bytesOf(request.body.trim())) {
    const title = `The body has ${bytes} bytes, content-length says ${length}`
    const text =
      bytes < length
        ? `${length - bytes} are missing: it was cut off by the log or on its way, or its characters were changed.`
        : `${bytes - length} were added: by a proxy, by escaping, or by another charset.`
    return [{ code: 'body-cut', tone: 'problem', title, text, cure: 'Log the body in full, as bytes (base64).' }]
  }
  const { problem } = scanJson(request.body)
  if (!problem) return lostCharacters(request.body)
  const text = `Dispatch sends JSON; line ${problem.line}, column ${problem.column} holds ${problem.got} where ${problem.expected} was expected.`
  const cure = 'Paste all of the body, as it arrived.'
  return [{ code: 'body-cut', tone: 'problem', title: 'The body is not JSON', text, cure }]
}

function lostCharacters(body: string): Finding[] {
  const findings: Finding[] = []
  if (body.includes('\ufffd')) {
    const text = 'It holds U+FFFD (�), which stands for bytes that were no UTF-8 to whoever read them. They are lost.'
    const cure = 'Read the body as bytes or as UTF-8.'
    findings.push({ code: 'body-cut', tone: 'problem', title: 'The characters of the body were changed', text, cure })
  }
  // More digits than a double holds, and zeros from there on.
  const rounded = /(?<![\w."])-?\d{16,}0{1,}(?![\w."])|(?<![\w."])\d(?:\.\d+)?e\+\d\d/.exec(body)?.[0]
  if (rounded !== undefined) {
    const text = `A number such as ${rounded} may have lost digits: JSON.parse rounds beyond 2^53. Written anew it is not what was signed.`
    findings.push({ code: 'body-changed', tone: 'note', title: 'A number looks rounded', text, cure: RAW })
  }
  return findings
}

/** Dispatch sends UTF-8, not compressed. */
function encodings({ headers }: GivenRequest): Finding[] {
  const valueOf = (name: string): string | undefined =>
    headers.find((header) => header.name.toLowerCase() === name)?.value.toLowerCase()
  const encoding = valueOf('content-encoding')
  const charset = /charset="?([\w-]+)/.exec(valueOf('content-type') ?? '')?.[1]
  const findings: Finding[] = []
  if (encoding !== undefined && encoding !== 'identity') {
    const text = `content-encoding says ${encoding}. Dispatch does not compress: something on the way did, and the signature is of the bytes before.`
    findings.push({ code: 'body-encoded', tone: 'note', title: 'The body was compressed on its way', text })
  }
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    const text = `content-type says charset=${charset}. Dispatch sends UTF-8: something on the way wrote it anew.`
    findings.push({ code: 'body-encoded', tone: 'note', title: 'The charset was changed', text })
  }
  return findings
}

function lengthOf({ headers }: GivenRequest): number | null {
  const text = headers.find(({ name }) => /^(?:http_)?content[-_]length$/i.test(name))?.value ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
