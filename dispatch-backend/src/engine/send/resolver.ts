/**
 * Host names to addresses, without the thread pool that `dns.lookup` would block: the hosts file, then DNS. Every answer
 * is only a list of candidates; the connector judges each address before it dials it.
 *
 * Two limits against `getaddrinfo`: search domains of resolv.conf are not tried, so names must be complete, and multicast
 * DNS (`.local`) is not asked.
 */
import type { Clock } from '../../clock.js'
import { isLocalhostName, LOOPBACK } from '../../delivery/address-guard.js'
import { createDns } from './dns.js'
import { createHostsFile } from './hosts-file.js'

/** Answers are kept for their TTL, but no longer than this. */
const KEEP_MS = 30_000
/** Failures are kept this long, so that a burst of jobs asks once. */
const KEEP_FAILURE_MS = 1_000
const MAX_NAMES = 4_096

export interface ResolverOptions {
  readonly clock: Clock
  /** DNS servers (`ip:port`) instead of the system's. */
  readonly dnsServers?: readonly string[]
  /** Default: `/etc/hosts`. */
  readonly hostsPath?: string
}

export interface Resolver {
  /**
   * Addresses of a name without brackets and trailing dots; at least one. Callers at the same time share one question.
   * Rejects with a `SendFailure` of code `dns`.
   */
  readonly resolve: (name: string) => Promise<readonly string[]>
}

interface Entry {
  answer: Promise<readonly string[]>
  /** Monotonic; Infinity while the question is under way. */
  untilMs: number
}

export function createResolver({ clock, dnsServers, hostsPath = '/etc/hosts' }: ResolverOptions): Resolver {
  const hosts = createHostsFile(clock, hostsPath)
  const askDns = createDns(clock, dnsServers)
  /** In the order of last use: the first is evicted. */
  const entries = new Map<string, Entry>()

  async function find(name: string): Promise<{ addresses: readonly string[]; keepMs: number }> {
    const listed = await hosts.lookup(name)
    // The hosts file is already in memory, and may change.
    if (listed.length > 0) return { addresses: listed, keepMs: 0 }
    if (isLocalhostName(name)) return { addresses: LOOPBACK, keepMs: KEEP_MS }
    const { addresses, ttlMs } = await askDns(name)
    return { addresses, keepMs: Math.min(ttlMs, KEEP_MS) }
  }

  function ask(name: string): Entry {
    const found = find(name)
    const entry: Entry = { answer: found.then(({ addresses }) => addresses), untilMs: Infinity }
    const keep = (keepMs: number): void => {
      entry.untilMs = clock.monotonicMs() + keepMs
    }
    found.then(({ keepMs }) => keep(keepMs)).catch(() => keep(KEEP_FAILURE_MS))
    return entry
  }

  return {
    resolve(name) {
      const key = name.toLowerCase()
      let entry = entries.get(key)
      if (!entry || entry.untilMs <= clock.monotonicMs()) entry = ask(key)
      entries.delete(key)
      entries.set(key, entry)
      if (entries.size > MAX_NAMES) entries.delete(entries.keys().next().value!)
      return entry.answer
    },
  }
}
