/** The key that encrypts signing secrets: the setting's, else one that is made once and kept in a file. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config.js'
import { encryptionKey } from './types.js'

export interface EncryptionKey {
  readonly key: Buffer
  /** The file it lies in; null when it came from the setting. */
  readonly file: string | null
  /** Sentences for the log. */
  readonly warnings: readonly string[]
}

/**
 * The key to use. Rejects with words when the key file is damaged: a new key in its place would make every stored signing
 * secret unreadable.
 */
export async function loadEncryptionKey(
  config: Pick<Config, 'encryptionKey' | 'database' | 'root'>,
): Promise<EncryptionKey> {
  if (config.encryptionKey) return { key: config.encryptionKey, file: null, warnings: [] }
  const { database, root } = config
  const file = database.kind === 'sqlite' ? `${database.file}.key` : join(root, 'data', 'dispatch.key')
  if (!existsSync(file)) await createKeyFile(file)
  const warnings = await laxModeWarnings(file)
  if (database.kind !== 'sqlite') {
    warnings.push(`the encryption key lies in ${file} on this machine only; set DISPATCH_ENCRYPTION_KEY for production`)
  }
  return { key: await readKeyFile(file), file, warnings }
}

/**
 * Writes a temporary file and links it into place: of two processes that start at once one wins, and neither ever reads
 * half a key. It is on the disk before anything is encrypted with it.
 */
async function createKeyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await handle.sync()
    await link(draft, file)
    await syncFolder(dirname(file))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await handle.close()
    await rm(draft, { force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

async function readKeyFile(file: string): Promise<Buffer> {
  try {
    return encryptionKey.parse((await readFile(file, 'utf8')).trim())
  } catch (error) {
    throw new Error(
      `${file} does not hold an encryption key (${encryptionKey.expects}). Restore it from a backup: without it the stored ` +
        'signing secrets cannot be read. If there are none worth keeping, delete the file and rotate them.',
      { cause: error },
    )
  }
}

async function laxModeWarnings(file: string): Promise<string[]> {
  const { mode } = await stat(file)
  return (mode & 0o077) === 0 ? [] : [`${file} can be read by other users of this machine: chmod 600 ${file}`]
}
