/** A DNS server for tests, on a free UDP port of loopback. It answers A and AAAA from what the test says at the moment. */
import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Addresses with a common TTL, a DNS error, or no answer at all. */
export type Zone =
  { readonly addresses: readonly string[]; readonly ttlSeconds?: number } | 'NXDOMAIN' | 'SERVFAIL' | 'silent'

export interface DnsQuestion {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'other'
}

export interface DnsServer {
  /** `ip:port`, as resolvers take it. */
  readonly address: string
  /** Without those that a resolver repeats because an answer takes its time. */
  readonly questions: readonly DnsQuestion[]
  close(): Promise<void>
}

/** `answer` is asked for each question; `index` counts the questions for this name and type from 0. */
export async function startDnsServer(answer: (question: DnsQuestion, index: number) => Zone): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const questions: DnsQuestion[] = []
  const zones = new Map<string, Zone>()
  socket.on('message', (query, { port, address }) => {
    const { question, end } = readQuestion(query)
    const key = `${query.readUInt16BE(0)} ${question.type} ${question.name}`
    const zone = zones.get(key) ?? ask(question)
    zones.set(key, zone)
    if (zone !== 'silent') socket.send(writeAnswer(query.subarray(0, end), question, zone), port, address)
  })
  function ask(question: DnsQuestion): Zone {
    const index = questions.filter(({ name, type }) => name === question.name && type === question.type).length
    questions.push(question)
    return answer(question, index)
  }
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function readQuestion(query: Buffer): { question: DnsQuestion; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const type = query.readUInt16BE(at + 1)
  // c-ares may vary the case of letters to make forging harder.
  const name = labels.join('.').toLowerCase()
  return { question: { name, type: type === 1 ? 'A' : type === 28 ? 'AAAA' : 'other' }, end: at + 5 }
}

const CODES = { NXDOMAIN: 3, SERVFAIL: 2 } as const

function writeAnswer(queryHead: Buffer, { type }: DnsQuestion, zone: Exclude<Zone, 'silent'>): Buffer {
  const ips =
    typeof zone === 'string' ? [] : zone.addresses.filter((ip) => isIPv4(ip) === (type === 'A') && type !== 'other')
  const ttl = typeof zone === 'string' ? 0 : (zone.ttlSeconds ?? 60)
  const head = Buffer.from(queryHead)
  head.writeUInt16BE(0x8180 | (typeof zone === 'string' ? CODES[zone] : 0), 2)
  head.writeUInt16BE(ips.length, 6)
  head.writeUInt16BE(0, 8)
  head.writeUInt16BE(0, 10)
  const records = ips.map((ip) => {
    const data = Buffer.from(ipaddr.parse(ip).toByteArray())
    const record = Buffer.alloc(12)
    record.writeUInt16BE(0xc00c, 0)
    record.writeUInt16BE(type === 'A' ? 1 : 28, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt32BE(ttl, 6)
    record.writeUInt16BE(data.length, 10)
    return Buffer.concat([record, data])
  })
  return Buffer.concat([head, ...records])
}
