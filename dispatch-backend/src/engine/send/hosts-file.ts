/** The hosts file (`/etc/hosts`), read again when it has changed: names there win over DNS, as everywhere on the machine. */
import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Clock } from '../../clock.js'

/** A changed file is noticed this much later at the most. */
const CHECK_EVERY_MS = 1_000

export interface HostsFile {
  /** Addresses of `name` (lower case, no trailing dot), in the order of the file; empty when it has none. */
  lookup(name: string): Promise<readonly string[]>
}

/** A file that is missing or cannot be read counts as empty. */
export function createHostsFile(clock: Clock, path: string): HostsFile {
  let names: ReadonlyMap<string, readonly string[]> = new Map()
  let version = ''
  let checkedMs = -Infinity
  let checking: Promise<void> | undefined

  async function refresh(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(path)
      const found = `${mtimeMs} ${size} ${ino}`
      if (found !== version) names = parseHosts(await readFile(path, 'utf8'))
      version = found
    } catch {
      names = new Map()
      version = ''
    }
    checkedMs = clock.monotonicMs()
  }

  return {
    async lookup(name) {
      if (clock.monotonicMs() - checkedMs >= CHECK_EVERY_MS) {
        checking ??= refresh().finally(() => (checking = undefined))
        await checking
      }
      return names.get(name) ?? []
    },
  }
}

/** `ADDRESS NAME…` a line, `#` starts a comment; lines that begin with no address are left out. */
export function parseHosts(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [ip = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(ip) === 0) continue
    for (const alias of aliases) {
      const name = alias.toLowerCase().replace(/\.$/, '')
      names.set(name, [...(names.get(name) ?? []), ip])
    }
  }
  return names
}
