import type { ServerConfig } from './database-config.js'

const PRODUCTS = { mysql: 'MySQL', postgres: 'PostgreSQL' } as const

/** For messages, without credentials: `PostgreSQL at db:5432/dispatch`. MariaDB's name is known only once it answers. */
export function describeServer({ kind, host, port, database }: ServerConfig, product: string = PRODUCTS[kind]): string {
  return `${product} at ${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
}
