import { createRequire } from 'node:module'
import {
  dataPaths,
  type Monitor,
  openCallbackVerifier,
  openMonitor,
  openQueueBoard,
  publicUrlOf,
  type Runtime,
  type SignInConfig,
} from '@portcullis/runtime'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createTokenAuthenticator } from './authentication/tokenAuthenticator.ts'
import { createApi } from './createApi.ts'
import { PORTAL_FOLDER, readPortal } from './portal/portalFiles.ts'
import { openSignIn } from './signIn/openSignIn.ts'

export interface RunningApi {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Answers what is under way and stops. */
  close(): Promise<void>
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/**
 * Serves the HTTP API on the configured host and port.
 * @param shared the process' monitor, where it has one; else the API has its own
 * @throws the listening socket's error, as EADDRINUSE
 */
export const startApi = async (
  runtime: Runtime,
  logger: FastifyBaseLogger,
  shared?: Monitor,
  more: {
    /** Instead of the configuration's. */
    readonly signIn?: SignInConfig
    /** Adds routes before it listens. */
    readonly extend?: (app: FastifyInstance, baseUrl: string) => void
  } = {},
): Promise<RunningApi> => {
  const { config, application, clock } = runtime
  const keyDir = dataPaths(config.dataDir).keys
  const baseUrl = publicUrlOf(config)
  // What is open already would keep the process from ending.
  await using opened = new AsyncDisposableStack()
  const monitor =
    shared ??
    (await openMonitor(runtime, { serves: { api: true, worker: false }, jobs: () => undefined }))
  if (shared === undefined) opened.defer(() => monitor.close())
  const authenticator = await createTokenAuthenticator({
    clock,
    keys: { keyDir },
  })
  const board = await openQueueBoard(runtime)
  opened.defer(() => board?.close())
  const signInConfig = more.signIn ?? config.signIn
  const signIn =
    signInConfig === undefined
      ? undefined
      : await openSignIn(signInConfig, { ...runtime, keyDir, baseUrl })
  opened.defer(() => signIn?.close())
  const portal = config.portal ? await readPortal(PORTAL_FOLDER) : undefined
  const api = createApi({
    application,
    authenticator,
    callbacks: await openCallbackVerifier(config, clock),
    logger,
    clock,
    monitor,
    baseUrl,
    version,
    zone: config.zone,
    rates: config.rateLimits,
    trustedProxies: config.trustedProxies,
    tracing: runtime.tracing,
    ...(board === undefined ? {} : { queues: board.queues }),
    ...(signIn === undefined ? {} : { signIn }),
    ...(portal === undefined ? {} : { portal }),
  })
  more.extend?.(api, baseUrl)
  opened.defer(() => api.close())
  const url = await api.listen({ host: config.host, port: config.port })
  const all = opened.move()
  return { url, close: () => all.disposeAsync() }
}
