import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PortalFile, PortalFiles } from './portalFiles.ts'
import { PORTAL_HEADERS } from './portalHeaders.ts'

/** First parts of addresses that are never a page of the portal, whoever asks and whatever is there. */
const RESERVED: ReadonlySet<string> = new Set([
  'assets',
  'auth',
  'beta',
  'csp-reports',
  'docs',
  'healthz',
  'metadata',
  'metrics',
  'oauth2',
  'openapi.json',
  'queues',
  'readyz',
  'sample-identity',
  'scim',
  'v1',
  'v1.0',
  '.well-known',
])

const FOR_EVER = 'public, max-age=31536000, immutable'
const ASK_EACH_TIME = 'no-cache'

/**
 * The portal's files, and its one page for every address that a browser goes to and that is no other's: which screen
 * it is, the page itself finds out. Whoever doesn't ask for HTML is told that there is no such address, as before.
 */
export const addPortal = (app: FastifyInstance, files: PortalFiles): void => {
  const index = files.get('/index.html')
  if (index === undefined) throw new Error('the build of the portal has no index.html')

  app.get('/*', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/'
    const file = path === '/index.html' ? undefined : files.get(path)
    // The name of an asset holds a hash of what is in it.
    if (file !== undefined)
      return answer(request, reply, file, path.startsWith('/assets/') ? FOR_EVER : ASK_EACH_TIME)
    const first = path.split('/', 2)[1] ?? ''
    if (RESERVED.has(first) || !wantsHtml(request)) return reply.callNotFound()
    reply.headers(PORTAL_HEADERS)
    return answer(request, reply, index, ASK_EACH_TIME)
  })
}

const wantsHtml = ({ headers }: FastifyRequest): boolean =>
  headers.accept?.split(',').some((each) => each.trim().startsWith('text/html')) === true

const answer = (
  { headers }: FastifyRequest,
  reply: FastifyReply,
  file: PortalFile,
  caching: string,
): FastifyReply => {
  reply.headers({ 'Cache-Control': caching, ETag: file.etag, Vary: 'Accept-Encoding' })
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known?.includes(file.etag)) return reply.code(304).send()
  reply.type(file.type)
  const accepted = encodingsOf(headers['accept-encoding'])
  if (file.brotli !== undefined && accepted.has('br'))
    return reply.header('Content-Encoding', 'br').send(file.brotli)
  if (file.gzip !== undefined && accepted.has('gzip'))
    return reply.header('Content-Encoding', 'gzip').send(file.gzip)
  return reply.send(file.body)
}

/** Those that a browser takes; `br;q=0` says that it doesn't. */
const encodingsOf = (header: string | string[] | undefined): ReadonlySet<string> =>
  new Set(
    String(header ?? '')
      .split(',')
      .map((each) => each.trim().toLowerCase())
      .filter((each) => !/;\s*q=0(?:\.0*)?$/.test(each))
      .map((each) => each.split(';', 1)[0]?.trim() ?? ''),
  )
