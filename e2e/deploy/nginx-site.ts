/** The committed site of nginx on ports of a test. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../scripts/ensure.mjs'

/** deploy/nginx.conf, listening on `port` before processes on these two; rejects when it does not find what it replaces. */
export async function siteOn(port: number, [first, second]: readonly [number, number]): Promise<string> {
  const replacements = [
    ['listen 80;', `listen 127.0.0.1:${port};`],
    ['server 127.0.0.1:4000 ', `server 127.0.0.1:${first} `],
    ['# server 127.0.0.1:4001 ', `server 127.0.0.1:${second} `],
  ] as const
  const text = await readFile(join(ROOT, 'deploy', 'nginx.conf'), 'utf8')
  return replacements.reduce((site, [from, to]) => {
    if (!site.includes(from)) throw new Error(`deploy/nginx.conf does not hold "${from}" any more`)
    return site.replace(from, to)
  }, text)
}
