/** The kinds of values that settings take. Each refuses what it cannot read completely. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { parseAllowPrivate } from '../delivery/address-guard.js'
import { SettingError, type Type } from './setting.js'

const DURATION_UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZE_UNITS = { '': 1, b: 1, kib: 1_024, mib: 1_048_576 } as const

/** A value made by `parse`, or undefined when the text is none. */
function type<Value>(expects: string, parse: (text: string) => Value | undefined): Type<Value> {
  return {
    expects,
    parse(text) {
      const value = parse(text)
      if (value === undefined) throw new SettingError(`expected ${expects}`)
      return value
    },
  }
}

export const text: Type<string> = type('text', (value) => value)

/** Text of at least `least` bytes. */
export function longText(least: number, hint: string): Type<string> {
  return type(`at least ${least} bytes (${hint})`, (value) => (Buffer.byteLength(value) >= least ? value : undefined))
}

function readBool(value: string): boolean | undefined {
  const word = value.toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : undefined
}

export function wholeNumber(least: number, most: number): Type<number> {
  return type(`a whole number from ${least} to ${most}`, (value) => within(readDigits(value), least, most))
}

function readDigits(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}

/** One of `words`, in any case; answers it as it is written in the list. */
export function oneOf<const Word extends string>(words: readonly Word[]): Type<Word> {
  return type(`one of ${words.join(', ')}`, (value) => words.find((word) => word.toLowerCase() === value.toLowerCase()))
}

/** Milliseconds. A number without a unit counts in `bareUnit`. */
export function duration(least: string, most: string, bareUnit: 'ms' | 's' = 'ms'): Type<number> {
  const [leastMs, mostMs] = [readDuration(least, bareUnit), readDuration(most, bareUnit)]
  if (leastMs === undefined || mostMs === undefined) throw new TypeError(`not durations: ${least}, ${most}`)
  const unitless = bareUnit === 's' ? 'seconds' : 'milliseconds'
  return type(
    `a duration from ${least} to ${most}, such as 500ms, 30s, 5m, 2h or 1d (a bare number means ${unitless})`,
    (value) => within(readDuration(value, bareUnit), leastMs, mostMs),
  )
}

function readDuration(value: string, bareUnit: 'ms' | 's'): number | undefined {
  const found = /^(\d{1,12}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)?$/i.exec(value)
  if (!found?.[1]) return undefined
  const unit = (found[2]?.toLowerCase() ?? bareUnit) as keyof typeof DURATION_UNITS_MS
  return Math.round(Number(found[1]) * DURATION_UNITS_MS[unit])
}

/** Bytes. */
export function size(least: string, most: string): Type<number> {
  return type(`a size from ${least} to ${most}, such as 65536, 512KiB or 1MiB`, (value) =>
    within(readSize(value), readSize(least) ?? 0, readSize(most) ?? 0),
  )
}

function readSize(value: string): number | undefined {
  const found = /^(\d{1,12})\s*(b|kib|mib)?$/i.exec(value)
  if (!found?.[1]) return undefined
  return Number(found[1]) * SIZE_UNITS[(found[2]?.toLowerCase() ?? '') as keyof typeof SIZE_UNITS]
}

/** Comma-separated; blanks around the items are dropped. */
export function listOf<Value>(item: Type<Value>, bounds: { least: number; most: number }): Type<readonly Value[]> {
  const expects = `${bounds.least} to ${bounds.most} values, separated by commas, each ${item.expects}`
  return type(expects, (value) => {
    const parts = splitList(value)
    if (parts.length < bounds.least || parts.length > bounds.most) return undefined
    return parts.map((part) => item.parse(part))
  })
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** `https://app.example.com`: what a browser sends as `Origin`, without the trailing slash that people add. */
export const origin: Type<string> = type('a browser origin such as https://app.example.com', (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  return value.replace(/\/$/, '').toLowerCase() === url.origin || `${url.origin}/` === url.href ? url.origin : undefined
})

/** Where a Dispatch server is. */
export const serverUrl: Type<string> = type('the http or https URL of a Dispatch server', (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' ? value : undefined
})

/** `redis://:PASSWORD@HOST:PORT/DATABASE`; whatever is percent-encoded in it stays so. */
export const redisUrl: Type<string> = type(
  'redis:// or, for TLS, rediss:// and USER:PASSWORD@HOST:PORT/NUMBER (only the host is needed)',
  (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    const isRedis = url !== undefined && /^rediss?:$/.test(url.protocol) && url.hostname !== ''
    return isRedis && /^(\/\d{0,5})?$/.test(url.pathname) && url.search === '' ? value : undefined
  },
)

/** Without its credentials; nothing at all of a text that is no such URL. */
export function maskRedisUrl(value: string): string {
  const found = /^(rediss?:\/\/)(.*@)?([\w[][\w.:\]-]*(?:\/\d*)?)$/is.exec(value)
  return found ? `${found[1]!}${found[2] === undefined ? '' : '***@'}${found[3]!}` : '***'
}

/** `false` = the caller is who connects; a number = so many proxies in front; a list = proxies at these addresses. */
export type TrustProxy = false | number | readonly string[]

export const trustProxy: Type<TrustProxy> = type(
  'false, true (one proxy), a number of proxies, or the addresses of the proxies (10.0.0.0/8, 192.0.2.7)',
  (value) => {
    const flag = readBool(value)
    if (flag !== undefined) return flag ? 1 : false
    const hops = within(readDigits(value), 1, 100)
    if (hops !== undefined) return hops
    const addresses = splitList(value)
    return addresses.length > 0 && addresses.every(isAddressOrRange) ? addresses : undefined
  },
)

function isAddressOrRange(value: string): boolean {
  // ipaddr.js alone would take a bare number for an IPv4 address.
  return isIP(value.split('/')[0] ?? '') !== 0 && (ipaddr.isValid(value) || ipaddr.isValidCIDR(value))
}

export const privateAddresses: Type<boolean | readonly string[]> = {
  expects: 'true, false, or the address ranges to allow (10.0.0.0/8, fd00::/8)',
  parse(value) {
    try {
      return parseAllowPrivate(value)
    } catch (error) {
      throw new SettingError(error instanceof Error ? error.message : String(error))
    }
  },
}

const KEY_BYTES = 32

export const encryptionKey: Type<Buffer> = type('32 bytes as base64 or hex (try: openssl rand -base64 32)', (value) => {
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex')
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(value)
  const key = isBase64 ? Buffer.from(value, 'base64') : undefined
  return key?.length === KEY_BYTES ? key : undefined
})

/** A host name or address to listen on, without scheme or port. */
export const host: Type<string> = type('a host name or address without scheme and port', (value) =>
  /^[A-Za-z0-9._:%-]+$/.test(value) && !/^\w+:\/\//.test(value) ? value : undefined,
)
