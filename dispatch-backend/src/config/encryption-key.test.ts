import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DatabaseConfig } from '../store/database-config.js'
import { loadEncryptionKey } from './encryption-key.js'

let root: string
let database: DatabaseConfig

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dispatch-key-'))
  database = { kind: 'sqlite', file: join(root, 'data', 'dispatch.db') }
})

afterEach(() => rm(root, { recursive: true }))

test('the setting is used as it is and nothing is written', async () => {
  const key = Buffer.alloc(32, 7)
  expect(await loadEncryptionKey({ encryptionKey: key, database, root })).toEqual({ key, file: null, warnings: [] })
  expect(await readdir(root)).toEqual([])
})

test('a key is made beside the SQLite file, readable by its owner only, and stays the same', async () => {
  const first = await loadEncryptionKey({ encryptionKey: null, database, root })
  expect(first.file).toBe(join(root, 'data', 'dispatch.db.key'))
  expect(first.key.length).toBe(32)
  expect((await stat(first.file ?? '')).mode & 0o777).toBe(0o600)
  expect(await loadEncryptionKey({ encryptionKey: null, database, root })).toEqual(first)
  expect(await readdir(join(root, 'data'))).toEqual(['dispatch.db.key'])
})

test('processes that start at once agree on one key', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, () => loadEncryptionKey({ encryptionKey: null, database, root })),
  )
  expect(new Set(all.map(({ key }) => key.toString('hex'))).size).toBe(1)
  expect(await readdir(join(root, 'data'))).toEqual(['dispatch.db.key'])
})

test('a damaged key file is refused and left alone', async () => {
  const { file } = await loadEncryptionKey({ encryptionKey: null, database, root })
  await writeFile(file ?? '', 'half a k')
  await expect(loadEncryptionKey({ encryptionKey: null, database, root })).rejects.toThrow(/Restore it from a backup/)
  expect(await readFile(file ?? '', 'utf8')).toBe('half a k')
})

test('a key file that others can read, and a key on one machine for a database server, are warned about', async () => {
  const { file } = await loadEncryptionKey({ encryptionKey: null, database, root })
  await chmod(file ?? '', 0o644)
  const lax = await loadEncryptionKey({ encryptionKey: null, database, root })
  expect(lax.warnings).toEqual([expect.stringContaining('chmod 600')])
  const server = { ...{ host: 'db', port: 1, user: 'u', password: '', database: 'd' } }
  const onServer = await loadEncryptionKey({
    encryptionKey: null,
    database: { kind: 'mysql', tls: 'off', poolSize: 3, ...server },
    root,
  })
  expect(onServer.file).toBe(join(root, 'data', 'dispatch.key'))
  expect(onServer.warnings).toEqual([expect.stringContaining('DISPATCH_ENCRYPTION_KEY')])
})
