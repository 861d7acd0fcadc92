// `npm start`: serves the built dashboard by itself (PORT, else 3000), where the API runs elsewhere. Node's own modules only.
// `node serve.mjs FOLDER` serves another build than `dist`.
// It answers as the API's server does when that serves the dashboard (`dispatch-backend/src/http/static.ts`).
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = resolve(process.argv[2] ?? fileURLToPath(new URL('./dist', import.meta.url)))
const YEAR_SECONDS = 31_536_000
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.md': 'text/markdown; charset=utf-8',
}
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
]

if (!existsSync(join(FOLDER, 'index.html'))) {
  process.stderr.write(
    `The dashboard is not built yet: ${FOLDER} holds no index.html. Run npm run build in dispatch-web.\n`,
  )
  process.exit(1)
}
const { apiUrl } = JSON.parse(readFileSync(join(FOLDER, '.build.json'), 'utf8'))
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'",
    `connect-src 'self'${apiUrl === null ? '' : ` ${apiUrl}`}`,
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
}

const server = createServer((request, response) => {
  const { method = '' } = request
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' })
  const path = pathOf(request.url ?? '/')
  const file = path === undefined ? undefined : findFile(path)
  if (path === undefined || file === undefined) return refuse(response, 404)
  const etag = `"${file.size.toString(16)}-${Math.floor(file.mtimeMs).toString(16)}"`
  const cacheControl = path.startsWith('/assets/') ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache'
  const headers = { ...HEADERS, etag, 'cache-control': cacheControl, 'content-type': file.type }
  if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end()
  const packed = compressed(file, String(request.headers['accept-encoding'] ?? ''))
  const { size } = packed ? statSync(packed.path) : file
  response.writeHead(200, {
    ...headers,
    'content-length': size,
    ...(packed && { 'content-encoding': packed.encoding }),
  })
  if (method === 'HEAD') return response.end()
  createReadStream(packed?.path ?? file.path)
    .on('error', () => response.destroy())
    .pipe(response)
})

const port = readPort(process.env['PORT'])
server.on('error', (error) => {
  process.stderr.write(`The dashboard cannot listen on port ${port}: ${error.message}. Set PORT to a free one.\n`)
  process.exit(1)
})
server.listen(port, process.env['HOST'] || '127.0.0.1', () => {
  process.stdout.write(`The dashboard listens on http://localhost:${server.address().port}\n`)
  const api = apiUrl ?? 'the same origin: a proxy has to pass /api on (or build with NEXT_PUBLIC_API_URL)'
  process.stdout.write(`  API  ${api}\n`)
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
}

/** The decoded path; undefined when it is none, or leads out of the folder. */
function pathOf(url) {
  try {
    const path = decodeURIComponent(url.split(/[?#]/)[0])
    const isOdd = /[\0\\]/.test(path) || path.split('/').some((part) => part.startsWith('.'))
    return isOdd || !path.startsWith('/') ? undefined : path
  } catch {
    return undefined
  }
}

/** A file of the dashboard, or its page for the path of a page. */
function findFile(path) {
  if (path === '/api' || path.startsWith('/api/')) return undefined
  const isFile = path.startsWith('/assets/') || path.split('/').at(-1).includes('.')
  const file = normalize(join(FOLDER, isFile ? path : 'index.html'))
  if (!file.startsWith(FOLDER + sep)) return undefined
  const found = statSync(file, { throwIfNoEntry: false })
  const type = TYPES[extname(file)] ?? 'application/octet-stream'
  return found?.isFile() ? { path: file, size: found.size, mtimeMs: found.mtimeMs, type } : undefined
}

function compressed(file, accepted) {
  for (const [encoding, ending] of ENCODINGS) {
    const path = file.path + ending
    if (new RegExp(`\\b${encoding}\\b(?!;q=0(?![.\\d]*[1-9]))`).test(accepted) && existsSync(path))
      return { encoding, path }
  }
  return undefined
}

function refuse(response, status, headers = {}) {
  const text = status === 405 ? 'This address takes GET and HEAD.\n' : 'There is no such file.\n'
  response.writeHead(status, { ...HEADERS, ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

function readPort(text) {
  if (text === undefined || text === '') return 3000
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  process.stderr.write(`PORT: expected a whole number from 0 to 65535, got ${text}\n`)
  process.exit(78)
}
