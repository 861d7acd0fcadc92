import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Dispatch's own version, from the repository at `root`. */
export async function readVersion(root: string): Promise<string> {
  const text = await readFile(join(root, 'dispatch-backend', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
