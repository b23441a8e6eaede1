import { randomUUID } from 'node:crypto'
import { openApiDocument } from '@portcullis/api-contract'
import { type Clock, noTracing, type Tracing } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'
import type { CallbackVerifier } from '@portcullis/provisioning'
import type { Monitor, RateLimits } from '@portcullis/runtime'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import type { Authenticator } from './authentication/authenticator.ts'
import { type Authenticate, createAuthentication } from './authentication/createAuthentication.ts'
import { answerFaults, sendProblem } from './errorAnswers.ts'
import { acceptJsonOnly } from './jsonBody.ts'
import { addEngineMetricsRoute, addMetricsRoute } from './metrics/metricsRoutes.ts'
import { addProbeRoutes } from './monitoring/probeRoutes.ts'
import { addPolicyReports } from './portal/policyReports.ts'
import type { PortalFiles } from './portal/portalFiles.ts'
import { addPortal } from './portal/portalRoutes.ts'
import { addQueueBoard, type QueueBoardOptions } from './queueBoard/queueBoard.ts'
import { limitRates } from './rateLimits.ts'
import { referencePage } from './referencePage.ts'
import type { Route } from './route.ts'
import { accessPackageRoutes } from './routes/accessPackageRoutes.ts'
import { assignmentRoutes } from './routes/assignmentRoutes.ts'
import { addCallbackRoute } from './routes/callbackRoute.ts'
import { catalogRoutes } from './routes/catalogRoutes.ts'
import { directoryRoutes } from './routes/directoryRoutes.ts'
import { driftRoutes } from './routes/driftRoutes.ts'
import { engineRoutes } from './routes/engineRoutes.ts'
import { fulfilmentRoutes } from './routes/fulfilmentRoutes.ts'
import { leaverRoutes } from './routes/leaverRoutes.ts'
import { openProblemRoutes } from './routes/openProblemRoutes.ts'
import { policyRoutes } from './routes/policyRoutes.ts'
import { requestRoutes } from './routes/requestRoutes.ts'
import { addAuthRoutes } from './signIn/authRoutes.ts'
import type { SignIn } from './signIn/signInRoutes.ts'
import { traceRequests } from './traceRequests.ts'
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
  /** How people sign in to the portal; absent: tokens are all that is taken. */
  readonly signIn?: SignIn & { readonly perAddress: number }
  /** Checks callbacks of target systems; absent: none is taken. */
  readonly callbacks?: CallbackVerifier
  /** A pino logger; gets no personal data and no tokens. */
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  /** What `/readyz` and `/metrics` tell. */
  readonly monitor: Pick<Monitor, 'readiness' | 'instruments' | 'facts'>
  /** Where the API is reached from outside, without a slash at the end. */
  readonly baseUrl: string
  /** The product's version, for the OpenAPI document. */
  readonly version: string
  /** The organisation's IANA time zone; policies that name none are counted in it. */
  readonly zone: string
  readonly limits?: Partial<ApiLimits>
  /** How many requests are taken of whom; absent: any number. */
  readonly rates?: RateLimits
  /** Proxies, by address or network, whose X-Forwarded-For is believed; none when absent. */
  readonly trustedProxies?: readonly string[]
  readonly tracing?: Tracing
  /** The pages for people; absent: the API alone. */
  readonly portal?: PortalFiles
  /** Shown in a browser, where there are any. */
  readonly queues?: QueueBoardOptions['queues']
}

export const apiRoutes: readonly Route[] = [
  ...catalogRoutes,
  ...accessPackageRoutes,
  ...policyRoutes,
  ...requestRoutes,
  ...assignmentRoutes,
  ...openProblemRoutes,
  ...fulfilmentRoutes,
  ...directoryRoutes,
  ...leaverRoutes,
  ...driftRoutes,
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
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
    requestTimeout: limits.requestMillis,
    // Ids are checked by their schemas, which say more than "not found".
    routerOptions: { maxParamLength: limits.headerBytes },
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMillis,
      // Node looks for slow clients only every 30 s on its own.
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
  const { httpRequests } = options.monitor.instruments
  app.addHook('onResponse', async (request, reply) => {
    const { url: route, method } = request.routeOptions
    httpRequests.observe(
      {
        method: route === undefined || Array.isArray(method) ? 'other' : (method ?? 'other'),
        route: route ?? 'unknown',
        status: reply.statusCode,
      },
      reply.elapsedTime / 1000,
    )
    request.log.info(
      {
        method: request.method,
        // The pattern, not the address: addresses hold ids of people.
        route: route ?? 'unknown',
        status: reply.statusCode,
        millis: Math.round(reply.elapsedTime * 10) / 10,
      },
      'answered',
    )
  })
  hangUpOnClosing(app, limits.drainMillis)
  acceptJsonOnly(app)
  answerFaults(app)
  const sessions = options.signIn?.sessions
  const authenticate = createAuthentication({
    ...options,
    ...(sessions === undefined ? {} : { sessions }),
  })
  const admit = limitRates(app, options.rates ?? NO_RATES)
  addRoutes(app, options, { authenticate, admit })
  addCallbackRoute(app, options)
  const metrics = { ...options, authenticate }
  addMetricsRoute(app, metrics)
  addEngineMetricsRoute(app, metrics)
  addProbeRoutes(app, options.monitor.readiness)
  addOpenRoutes(app, options)
  if (options.signIn !== undefined)
    addAuthRoutes(app, { ...options, signIn: options.signIn, authenticate })
  if (options.queues !== undefined)
    addQueueBoard(app, { ...options, queues: options.queues, authenticate })
  // Pages that nobody could sign in to are no use.
  if (options.portal !== undefined && options.signIn !== undefined) {
    addPortal(app, options.portal)
    addPolicyReports(app, options)
  }
  return app
}

const NO_RATES: RateLimits = { perCaller: 0, perAddress: 0, exemptServices: [] }

const addRoutes = (
  app: FastifyInstance,
  options: ApiOptions,
  {
    authenticate,
    admit,
  }: { readonly authenticate: Authenticate; readonly admit: ReturnType<typeof limitRates> },
): void => {
  const { application, zone, tracing = noTracing } = options
  const callers = new WeakMap<FastifyRequest, Caller>()
  const spans = traceRequests(app, tracing)
  for (const route of apiRoutes) {
    app.route({
      method: route.operation.method,
      // A HEAD would read a whole list to throw it away.
      exposeHeadRoute: route.operation.kind !== 'download',
      url: route.operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      // Before the body is read, so that strangers can't make us read one.
      onRequest: async (request) => {
        const caller = await authenticate(request)
        await admit(request, caller)
        callers.set(request, caller)
        spans.begin(request)
      },
      handler: async (request, reply) => {
        const caller = callers.get(request)
        if (caller === undefined) throw new Error('the request was not authenticated')
        const outcome = await spans.within(request, () =>
          route.run(
            { params: request.params, query: request.query, body: request.body },
            {
              application,
              caller,
              requestId: request.id,
              zone,
              now: () => options.clock.now(),
              header: (name) => request.headers[name],
            },
          ),
        )
        return reply.code(outcome.status).headers(outcome.headers).send(outcome.body)
      },
    })
  }
}

const addOpenRoutes = (app: FastifyInstance, options: ApiOptions): void => {
  const document = openApiDocument(options.baseUrl, options.version)
  const json = JSON.stringify(document)
  const page = referencePage(document)
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
