/**
 * The systemd unit allows the system calls that the server makes: one that is missing there is refused, and nothing but a
 * machine whose first process is systemd would tell. Here the server runs under strace, from its start through a delivery to its
 * stop, as a user without rights, and its calls are held against the unit's filter as systemd expands it.
 */
import { execFileSync } from 'node:child_process'
import { chownSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { installPackages } from '../../dispatch-backend/src/testing/install-server.js'
import { startReceiver } from '../../dispatch-backend/src/testing/receiver.js'
import { accountFor } from '../../dispatch-backend/src/testing/server-process.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { scheduleSoon, signUp } from '../client.js'
import { makeFolder, removeFolder, startServerProcess } from '../server-process.js'

const unit = readFileSync(join(ROOT, 'deploy', 'dispatch.service'), 'utf8')

const canTrace = (): boolean => runs('strace', '-o', '/dev/null', 'true')
const canExpand = runs('systemd-analyze', 'syscall-filter', '@system-service')
const isPossible = canExpand && (canTrace() || (installPackages(['strace']) && canTrace()))
if (!isPossible)
  console.error('NOT RUN: the system calls of the server (no systemd-analyze, or no strace, that may be used)')

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!isPossible)('the system calls that the unit allows', () => {
  let folder: string
  beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))
  beforeEach(async () => void (folder = await makeFolder()))
  afterEach(() => removeFolder(folder))

  it('are all that the server makes', async () => {
    const made = await callsOfServer(folder)
    // A commit: the trace holds the work too, not just the start.
    expect(made).toContain('fsync')
    const allowed = allowedCalls()
    expect([...made].filter((name) => !allowed.has(name))).toEqual([])
  })
})

async function callsOfServer(folder: string): Promise<Set<string>> {
  const trace = join(folder, 'trace')
  const account = accountFor(['nobody'])
  if (account) chownSync(folder, account.uid, account.gid)
  // As root SQLite gives its files away, which it need not where they are its user's.
  const asUser = account ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : []
  const main = join(ROOT, 'dispatch-backend', 'dist', 'main.js')
  // -D: the server, not strace, is our child and gets our signals.
  const traced = ['strace', '-D', '-f', '-qq', '-e', 'signal=none', '-o', trace, process.execPath, main]
  const [program = '', ...args] = [...asUser, ...traced]
  const server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true' }, [program, ...args])
  const receiver = await startReceiver()
  const { key } = await signUp(server.url)
  await scheduleSoon(server.url, key, { title: 'traced', webhookUrl: `${receiver.url}/hook`, payload: {} })
  await receiver.waitFor((requests) => requests.length > 0)
  server.signal('SIGTERM')
  expect(await server.ended(), server.output()).toBe(0)
  await receiver.close()
  // `PID call(…`, or `PID <... call resumed>…`, of which the first half came before.
  return new Set([...readFileSync(trace, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)].map(([, name = '']) => name))
}

/** The filter's lines in their order: groups and names that are added, or after a `~` taken away. */
function allowedCalls(): Set<string> {
  const allowed = new Set<string>()
  for (const [, line = ''] of unit.matchAll(/^SystemCallFilter=(.*)$/gm)) {
    const calls = line.replace('~', '').split(' ').flatMap(expand)
    for (const call of calls) {
      if (line.startsWith('~')) allowed.delete(call)
      else allowed.add(call)
    }
  }
  return allowed
}

function expand(name: string): string[] {
  if (!name.startsWith('@')) return [name]
  const listed = execFileSync('systemd-analyze', ['syscall-filter', name], { encoding: 'utf8', stdio: 'pipe' })
  const members = listed
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  return members.filter((member) => member !== '' && !member.startsWith('#')).flatMap(expand)
}
