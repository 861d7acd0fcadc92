import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from './install-server.js'
import { accountFor, Sandbox } from './server-process.js'

/** The installed nginx, installed first if we may; undefined when there is none. */
export function findNginx(): string | undefined {
  return findProgram() ?? (installPackages(['nginx']) ? findProgram() : undefined)
}

function findProgram(): string | undefined {
  return ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')]
    .map((folder) => join(folder, 'nginx'))
    .find((file) => existsSync(file))
}

/** Runs nginx with these parts of its `http` block until `close`, in a throw-away folder and not as root. */
export async function startNginx(program: string, http: string): Promise<{ close(): Promise<void> }> {
  const sandbox = new Sandbox()
  const account = accountFor(['www-data', 'nobody'])
  const folder = sandbox.makeFolder('nginx', account)
  mkdirSync(join(sandbox.folder, 'etc'), { mode: 0o755 })
  const config = join(sandbox.folder, 'etc', 'nginx.conf')
  writeFileSync(config, wholeConfig(folder, http), { mode: 0o644 })
  const args = ['-p', folder, '-c', config, '-e', 'stderr']
  await sandbox.start(program, args, account, /start worker process /)
  return sandbox
}

function wholeConfig(folder: string, http: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  ${http}
}
`
}
