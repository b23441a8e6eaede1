import { randomUUID } from 'node:crypto'
import { openApiDocument } from '@portcullis/api-contract'
import type { Clock } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import { type Authenticator, challenge } from './authentication/authenticator.ts'
import { answerFaults, sendProblem } from './errorAnswers.ts'
import { acceptJsonOnly } from './jsonBody.ts'
import { createKnownCallers } from './knownCallers.ts'
import { ApiProblem } from './problems.ts'
import { referencePage } from './referencePage.ts'
import type { Route } from './route.ts'
import { accessPackageRoutes } from './routes/accessPackageRoutes.ts'
import { assignmentRoutes } from './routes/assignmentRoutes.ts'
import { catalogRoutes } from './routes/catalogRoutes.ts'
import { engineRoutes } from './routes/engineRoutes.ts'
import { requestRoutes } from './routes/requestRoutes.ts'
import { answerBrokenHttp, hangUpOnClosing, securityHeaders } from './transport.ts'

/** What one request may cost. */
export interface ApiLimits {
  /** Largest body, bytes. */
  readonly bodyBytes: number
  /** Largest total of all headers, bytes. */
  readonly headerBytes: number
  /** Time for all headers to arrive, milliseconds. */
  readonly headersMillis: number
  /** Time for the whole request to arrive, milliseconds. */
  readonly requestMillis: number
  /** Time for answers under way to be taken when the API stops, milliseconds; then their connections are cut. */
  readonly drainMillis: number
}

export const DEFAULT_LIMITS: ApiLimits = {
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  headersMillis: 10_000,
  requestMillis: 30_000,
  drainMillis: 10_000,
}

export interface ApiOptions {
  readonly application: Application
  readonly authenticator: Authenticator
  /** A pino logger; gets no personal data and no tokens. */
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  /** Where the API is reached from outside, without a slash at the end. */
  readonly baseUrl: string
  /** The product's version, for the OpenAPI document. */
  readonly version: string
  /** The organisation's IANA time zone; policies that name none are counted in it. */
  readonly zone: string
  readonly limits?: Partial<ApiLimits>
}

export const apiRoutes: readonly Route[] = [
  ...catalogRoutes,
  ...accessPackageRoutes,
  ...requestRoutes,
  ...assignmentRoutes,
  ...engineRoutes,
]

/**
 * The HTTP API over an application. It doesn't listen yet: call `listen` where processes are put together.
 */
export const createApi = (options: ApiOptions): FastifyInstance => {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const app = fastify({
    loggerInstance: options.logger,
    // Fastify's own lines hold addresses, and so ids of people; ours follow below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMillis,
    // Ids are checked by their schemas, which say more than "not found".
    routerOptions: { maxParamLength: limits.headerBytes },
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMillis,
      // Node looks for slow clients only every 30 s by itself.
      connectionsCheckingInterval: Math.min(limits.headersMillis, 5000),
    },
    genReqId: (request) => acceptedRequestId(request.headers['x-request-id']) ?? randomUUID(),
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply),
    clientErrorHandler: answerBrokenHttp,
    forceCloseConnections: 'idle',
  })
  const headers = securityHeaders(options.baseUrl)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...headers, 'X-Request-Id': request.id })
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        // The pattern, not the address: addresses hold ids of people.
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        millis: Math.round(reply.elapsedTime * 10) / 10,
      },
      'answered',
    )
  })
  hangUpOnClosing(app, limits.drainMillis)
  acceptJsonOnly(app)
  answerFaults(app)
  addRoutes(app, options)
  addOpenRoutes(app, options)
  return app
}

const addRoutes = (app: FastifyInstance, options: ApiOptions): void => {
  const { application, zone } = options
  const callers = new WeakMap<FastifyRequest, Caller>()
  const authenticate = createAuthentication(options)
  for (const route of apiRoutes) {
    app.route({
      method: route.operation.method,
      url: route.operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      // Before the body is read, so that strangers can't make us read one.
      onRequest: async (request) => {
        callers.set(request, await authenticate(request.headers.authorization))
      },
      handler: async (request, reply) => {
        const caller = callers.get(request)
        if (caller === undefined) throw new Error('the request was not authenticated')
        const outcome = await route.run(
          { params: request.params, query: request.query, body: request.body },
          {
            application,
            caller,
            requestId: request.id,
            zone,
            header: (name) => request.headers[name],
          },
        )
        return reply.code(outcome.status).headers(outcome.headers).send(outcome.body)
      },
    })
  }
}

const createAuthentication = (
  options: ApiOptions,
): ((authorization: string | undefined) => Promise<Caller>) => {
  const isKnown = createKnownCallers(options.application, options.clock)
  return async (authorization) => {
    const found = await options.authenticator.authenticate(authorization)
    if (!found.ok) {
      throw new ApiProblem(401, `authentication.${found.error}`, found.message, {
        headers: { 'WWW-Authenticate': challenge(found.error, found.message) },
      })
    }
    const caller = { actor: found.actor, directoryRoles: found.directoryRoles }
    if (await isKnown(caller)) return caller
    throw new ApiProblem(
      403,
      'actor.unknown',
      'the directory knows no enabled person with the id that the token names; import them, or enable them',
    )
  }
}

const addOpenRoutes = (app: FastifyInstance, options: ApiOptions): void => {
  const document = openApiDocument(options.baseUrl, options.version)
  const json = JSON.stringify(document)
  const page = referencePage(document)
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(json),
  )
  app.get('/docs', async (_request, reply) =>
    reply
      .header('Content-Security-Policy', page.contentSecurityPolicy)
      .type('text/html; charset=utf-8')
      .send(page.html),
  )
}

const acceptedRequestId = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(header) ? header : undefined
