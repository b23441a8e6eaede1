import { dataPaths, type Monitor, type Runtime } from '@portcullis/runtime'
import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import type { Authenticator } from '../authentication/authenticator.ts'
import { createAuthentication } from '../authentication/createAuthentication.ts'
import { createTokenAuthenticator } from '../authentication/tokenAuthenticator.ts'
import { DEFAULT_LIMITS } from '../createApi.ts'
import { answerFaults } from '../errorAnswers.ts'
import { addMetricsRoute } from '../metrics/metricsRoutes.ts'
import { answerBrokenHttp, hangUpOnClosing, securityHeaders } from '../transport.ts'
import { addProbeRoutes } from './probeRoutes.ts'

export interface RunningProbes {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

/** Requests are small here. */
const BODY_BYTES = 1024

/**
 * A listener for a process that has no API: a worker's probes and metrics.
 * @throws the listening socket's error, as EADDRINUSE
 */
export const startProbes = async (
  { config, application, clock }: Pick<Runtime, 'config' | 'application' | 'clock'>,
  logger: FastifyBaseLogger,
  monitor: Monitor,
): Promise<RunningProbes> => {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    requestTimeout: DEFAULT_LIMITS.requestMillis,
    http: {
      maxHeaderSize: DEFAULT_LIMITS.headerBytes,
      headersTimeout: DEFAULT_LIMITS.headersMillis,
    },
    clientErrorHandler: answerBrokenHttp,
    forceCloseConnections: 'idle',
  })
  const headers = securityHeaders('')
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers)
  })
  hangUpOnClosing(app, DEFAULT_LIMITS.drainMillis)
  answerFaults(app)
  addProbeRoutes(app, monitor.readiness)
  let authenticator: Promise<Authenticator> | undefined
  addMetricsRoute(app, {
    application,
    monitor,
    authenticate: createAuthentication({
      application,
      clock,
      authenticator: {
        // When first asked: a worker that nobody scrapes needs no keys.
        authenticate: async (authorization) => {
          authenticator ??= createTokenAuthenticator({
            clock,
            keys: { keyDir: dataPaths(config.dataDir).keys },
          }).catch((error: unknown) => {
            authenticator = undefined
            throw error
          })
          return (await authenticator).authenticate(authorization)
        },
      },
    }),
  })
  const url = await app.listen({ host: config.workerHost, port: config.workerPort })
  return { url, close: async () => app.close() }
}
