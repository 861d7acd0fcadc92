/** Runs a page's shell blocks one after the other in one shell, as a reader does. */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ROOT } from '../../scripts/ensure.mjs'
import type { Block } from './blocks.js'

export interface Ran {
  readonly block: Block
  readonly output: string
}

export interface Surroundings {
  /** The working directory: what the blocks write lies there. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Texts of the page, and what stands for them here. */
  readonly replace: Readonly<Record<string, string>>
}

const MARK = '@@ next block @@'
const RUN_CLI = `const { runCli } = await import(${JSON.stringify(`${ROOT}dispatch-backend/dist/cli/cli.js`)})
await runCli(process.argv)
`

/** Throws with everything that was printed when a command fails. */
export async function runBlocks(blocks: readonly Block[], { folder, env, replace }: Surroundings): Promise<Ran[]> {
  const scripts = blocks.map((block) => replaceAll(block.text, replace))
  const script = [PRELUDE, ...scripts.map((part) => `echo '${MARK}'\n${part}`)].join('\n')
  const runCli = join(folder, 'run-cli.mjs')
  await writeFile(runCli, RUN_CLI)
  const { PATH = '' } = process.env
  const shellEnv = { PATH, HOME: folder, RUN_CLI: runCli, ...env }
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env: shellEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  const parts = output.split(`${MARK}\n`).slice(1)
  if ((await closed) !== 0) {
    const place = blocks[parts.length - 1]?.place ?? 'the end'
    throw new Error(`a command of ${place} failed:\n${output}\n${errors}`)
  }
  return blocks.map((block, index) => ({ block, output: parts[index] ?? '' }))
}

/** `npx dispatch` without npx, which would look at the registry; everything is built. */
const PRELUDE = `npx() { shift; node "$RUN_CLI" "$@"; }`

export function replaceAll(text: string, replace: Readonly<Record<string, string>>): string {
  return Object.entries(replace).reduce((result, [from, to]) => result.replaceAll(from, to), text)
}
