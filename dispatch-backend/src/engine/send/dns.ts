/** One question to DNS: A and AAAA at once, through c-ares (no thread of the pool waits for it). */
import type { RecordWithTtl } from 'node:dns'
import { Resolver as CAres } from 'node:dns/promises'
import type { Clock, Timer } from '../../clock.js'
import { SendFailure, systemCode } from './failure.js'

/** After this a name counts as not resolvable. */
const CAP_MS = 5_000
/** One retry; c-ares doubles the pause, so that both tries fit into the cap. */
const TRY_MS = 1_500
const TRIES = 2
/** Once one family has answered, the other gets this much more (RFC 8305 §3). */
const OTHER_FAMILY_MS = 50
/** resolv.conf is read when a c-ares channel is made; a new one is made this often. */
const CHANNEL_LIFE_MS = 60_000

export interface DnsAnswer {
  /** At least one; IPv4 first. */
  readonly addresses: readonly string[]
  /** The shortest of the records' lives. */
  readonly ttlMs: number
}

export type AskDns = (name: string) => Promise<DnsAnswer>

/** Asks `servers` (`ip:port`), default the system's. The question rejects with a `SendFailure` of code `dns`. */
export function createDns(clock: Clock, servers?: readonly string[]): AskDns {
  let channel: CAres | undefined
  let madeMs = 0

  function freshChannel(): CAres {
    if (!channel || clock.monotonicMs() - madeMs > CHANNEL_LIFE_MS) {
      channel = new CAres({ timeout: TRY_MS, tries: TRIES })
      if (servers) channel.setServers(servers)
      madeMs = clock.monotonicMs()
    }
    return channel
  }

  return async (name) => {
    const dns = freshChannel()
    const questions = [dns.resolve4(name, { ttl: true }), dns.resolve6(name, { ttl: true })]
    const records = await firstAnswers(clock, name, questions)
    return {
      addresses: records.map(({ address }) => address),
      ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000,
    }
  }
}

/** All records that came until both families have answered, the other one's extra time is over, or the cap is reached. */
function firstAnswers(clock: Clock, name: string, questions: Promise<RecordWithTtl[]>[]): Promise<RecordWithTtl[]> {
  return new Promise((resolve, reject) => {
    const answers: RecordWithTtl[][] = questions.map(() => [])
    const errors: unknown[] = []
    const cap = clock.setTimer(CAP_MS, finish)
    let otherFamily: Timer | undefined
    let open = questions.length

    function finish(): void {
      cap.cancel()
      otherFamily?.cancel()
      const records = answers.flat()
      if (records.length > 0) resolve(records)
      else reject(dnsFailure(name, errors))
    }

    function answered(): void {
      open -= 1
      if (open === 0) finish()
      else if (answers.some((records) => records.length > 0)) otherFamily = clock.setTimer(OTHER_FAMILY_MS, finish)
    }

    questions.forEach((question, index) => {
      question
        .then((records) => (answers[index] = records))
        .catch((error: unknown) => errors.push(error))
        .finally(answered)
    })
  })
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'does not exist; check the host name of the webhook URL',
  ENODATA: 'has no address; check the host name of the webhook URL, or its A and AAAA records',
  EBADNAME: 'is not a name that DNS can hold; check the webhook URL',
  ESERVFAIL: "could not be looked up: its DNS servers fail (SERVFAIL); check the domain's zone",
  EREFUSED: 'could not be looked up: the DNS server refuses to answer',
  ECONNREFUSED: "could not be looked up: this machine's DNS server cannot be reached",
}

/** "No data" of one family says less than what went wrong with the other. */
function dnsFailure(name: string, errors: readonly unknown[]): SendFailure {
  const codes = errors.map(systemCode)
  const code = codes.find((each) => each !== 'ENODATA') ?? codes[0] ?? 'ETIMEOUT'
  const words = WORDS[code] ?? `could not be looked up: the DNS servers did not answer in time (${code})`
  return new SendFailure('dns', `The host name ${name} ${words}`, { cause: errors[0] })
}
