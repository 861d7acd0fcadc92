/**
 * The dashboard's files. A path of a page (`/jobs`, `/projects/…`) answers `index.html`, whose script shows the page; an
 * asset that is not there is a 404, and so is everything that belongs to the API or to supervisors.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'

/** Their names hold a hash of their content. */
const ASSETS = 'assets'
const YEAR_SECONDS = 31_536_000
/** Never a page: a program that asks for one of these must not be handed HTML. */
const NOT_PAGES = new Set(['api', 'healthz', 'readyz', 'metrics'])
/** What the build writes about itself (`dispatch-web/build/describe.ts`); a dot file, so it is never served. */
const BUILD_FILE = '.build.json'

const buildDescription = z.object({ apiUrl: z.url({ protocol: /^https?$/ }).nullable() })

/** Why a folder cannot be served, in words that say what to do; null when it can. */
export function staticProblem(folder: string): string | null {
  const advice = 'Run npm run build, or set STATIC_DIR to the built dashboard (empty = none)'
  if (!existsSync(join(folder, 'index.html'))) return `${folder} holds no index.html. ${advice}`
  try {
    pagePolicy(readApiUrl(folder))
    return null
  } catch {
    return `${join(folder, BUILD_FILE)} does not say which API the dashboard was built for. ${advice}`
  }
}

/** Serves the folder at `/`, in which `staticProblem` must have found none. */
export async function staticRoutes(app: FastifyInstance, folder: string): Promise<void> {
  const policy = pagePolicy(readApiUrl(folder))
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    dotfiles: 'ignore',
    index: false,
  })
  app.get<{ Params: { '*': string } }>(
    '/*',
    {
      // Set as it is sent: an answer that becomes a 404 must not be kept for a year.
      onSend: (request, reply, payload, done) => {
        if (reply.statusCode >= 400) {
          done(null, payload)
          return
        }
        const isAsset = request.params['*'].startsWith(`${ASSETS}/`)
        reply.headers({
          'cache-control': isAsset ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
          'content-security-policy': policy,
          vary: 'accept-encoding',
        })
        done(null, payload)
      },
    },
    (request, reply) => sendStatic(request.params['*'], reply),
  )
}

function sendStatic(path: string, reply: FastifyReply): FastifyReply {
  const parts = path.split('/')
  // `@fastify/static` refuses to leave its folder too; here it is a 404 like everything that is not there.
  const isOdd = parts.includes('..') || /[\0\\]/.test(path)
  if (isOdd || NOT_PAGES.has(parts[0] ?? '')) return notThere(reply)
  const isFile = parts[0] === ASSETS || (parts.at(-1) ?? '').includes('.')
  if (isFile && path.endsWith('/')) return notThere(reply)
  return reply.sendFile(isFile ? path : 'index.html')
}

function notThere(reply: FastifyReply): FastifyReply {
  reply.callNotFound()
  return reply
}

/** Another origin that the dashboard was built to call; null = the one that serves it. */
function readApiUrl(folder: string): string | null {
  const file = join(folder, BUILD_FILE)
  if (!existsSync(file)) return null
  const { apiUrl } = buildDescription.parse(JSON.parse(readFileSync(file, 'utf8')))
  return apiUrl
}

/** Scripts, styles and fonts are files of ours; nothing is inline, nothing is framed. */
export function pagePolicy(apiUrl: string | null): string {
  const api = apiUrl === null ? '' : ` ${new URL(apiUrl).origin}`
  return [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"],
    `connect-src 'self'${api}`,
    ...["base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"],
  ].join('; ')
}
