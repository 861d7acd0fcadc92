import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Installs Debian packages when we may (root, apt); answers whether that was done. Says what it does: it takes a while. */
export function installPackages(packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  console.log(`Installing ${packages.join(' and ')} for the tests …`)
  // A run level of one keeps the packages from starting servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  // Test files run side by side, and apt refuses to run twice: each waits for its turn.
  const turn = join(tmpdir(), 'dispatch-apt.lock')
  const apt = (...args: string[]): unknown =>
    execFileSync('flock', [turn, 'apt-get', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    apt('update')
    apt('install', '--yes', '--no-install-recommends', ...packages)
    return true
  } catch (error) {
    console.error(`Could not install them: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}
