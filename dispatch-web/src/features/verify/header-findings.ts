import { SignatureError } from 'dispatch-client/signature'
import type { Finding } from './finding'
import type { Match } from './match-signatures'
import type { Header } from './read-request'
import type { Claims, FoundHeaders, SignatureHeader } from './signature-claims'

/** A kind of signature that the request carries, and what made it. */
export interface Judged {
  readonly name: 'webhook-signature' | 'x-dispatch-signature'
  readonly claims: Claims
  readonly match: Match | null
}

const PROXY =
  'Let the proxy or gateway in front of your handler pass all headers on under their names, and read them without regard to case.'

/** What did not arrive. */
export function missingFindings(found: FoundHeaders, headers: readonly Header[]): Finding[] {
  const hasStandard = found.has('webhook-signature')
  const hasOwn = found.has('x-dispatch-signature')
  if (!hasStandard && !hasOwn) {
    const text = `Dispatch signs every delivery with webhook-signature and x-dispatch-signature; among these ${headers.length} headers is neither. The request came from elsewhere, or its headers were dropped on the way.`
    return [{ code: 'headers-missing', tone: 'problem', title: 'No signature arrived', text, cure: PROXY }]
  }
  const findings: Finding[] = []
  const needed: readonly SignatureHeader[] = hasStandard ? ['webhook-id', 'webhook-timestamp'] : []
  const lost = needed.filter((name) => !found.has(name))
  if (lost.length > 0) {
    const text = `webhook-signature covers ${lost.join(' and ')} as well: without ${lost.length > 1 ? 'them' : 'it'} nobody can check it.`
    findings.push({
      code: 'header-missing',
      tone: 'problem',
      title: `${lost.join(' and ')} did not arrive`,
      text,
      cure: PROXY,
    })
  }
  if (hasStandard !== hasOwn) {
    const [there, gone] = hasStandard
      ? ['webhook-signature', 'x-dispatch-signature']
      : ['x-dispatch-signature', 'webhook-signature']
    const text = `Every delivery carries both kinds. That matters only if your handler checks ${gone}: it can check ${there} instead.`
    findings.push({ code: 'header-missing', tone: 'note', title: `${gone} did not arrive`, text })
  }
  return findings
}

/** What is wrong with those that did. */
export function headerFindings(found: FoundHeaders, judged: readonly Judged[], jobId: string | undefined): Finding[] {
  return [
    ...names(found),
    ...judged.flatMap((one) => changed(found, one)),
    ...contradiction(judged),
    ...otherDelivery(found, judged, jobId),
  ]
}

function names(found: FoundHeaders): Finding[] {
  return [...found.values()].flatMap(({ name, arrivedAs, count }): Finding[] => {
    if (count > 1) {
      const text = 'A signature is only clear with one. Something in front of your handler added to it.'
      return [{ code: 'header-twice', tone: 'problem', title: `${name} arrived ${count} times`, text }]
    }
    if (arrivedAs === null) return []
    const text = `Code that looks for ${name} does not find it.`
    return [{ code: 'header-renamed', tone: 'problem', title: `${name} arrived as ${arrivedAs}`, text, cure: PROXY }]
  })
}

function changed(found: FoundHeaders, { name, claims, match }: Judged): Finding[] {
  if (claims instanceof SignatureError) {
    const title = `${name} cannot be read`
    return [{ code: 'header-malformed', tone: 'problem', title, text: `${claims.message}.`, cure: PROXY }]
  }
  if (!match || match.claim.change === 'none') return []
  // It did not arrive, which is said already.
  if (match.claim.change === 'id' && !found.has('webhook-id')) return []
  const what = { id: 'webhook-id', time: 'The time', mangled: name, none: '' }[match.claim.change]
  const text = `The secret is right. ${match.claim.words}`
  return [{ code: 'header-changed', tone: 'problem', title: `${what} was changed on the way`, text, cure: PROXY }]
}

function contradiction(judged: readonly Judged[]): Finding[] {
  const right = judged.find(({ match }) => match !== null)
  const wrong = judged.find(({ match, claims }) => match === null && !(claims instanceof SignatureError))
  if (!right || !wrong) return []
  const title = `${wrong.name} belongs to another delivery`
  const text = `${right.name} holds for this secret and body, ${wrong.name} does not: they are of two deliveries, or ${wrong.name} was written by something else on the way.`
  return [{ code: 'one-signature', tone: 'problem', title, text }]
}

function otherDelivery(found: FoundHeaders, judged: readonly Judged[], jobId: string | undefined): Finding[] {
  const id = found.get('webhook-id')?.value
  const isExplained = judged.some(({ name, match }) => name === 'webhook-signature' && match !== null)
  if (id === undefined || jobId === undefined || id === jobId || isExplained) return []
  const text = `webhook-id is ${id}, and the body's jobId is ${jobId}. Headers and body are of two different deliveries.`
  const cure = 'Take both from one request of your log. Under load, lines of several requests are easily mixed up.'
  return [{ code: 'other-delivery', tone: 'problem', title: 'The signature is of another id', text, cure }]
}
