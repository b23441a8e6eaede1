import { createRequire } from 'node:module'
import { dataPaths, publicUrlOf, type Runtime } from '@portcullis/runtime'
import type { FastifyBaseLogger } from 'fastify'
import { createTokenAuthenticator } from './authentication/tokenAuthenticator.ts'
import { createApi } from './createApi.ts'

export interface RunningApi {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Answers what is under way and stops. */
  close(): Promise<void>
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/**
 * Serves the HTTP API on the configured host and port.
 * @throws the listening socket's error, as EADDRINUSE
 */
export const startApi = async (
  runtime: Runtime,
  logger: FastifyBaseLogger,
): Promise<RunningApi> => {
  const { config, application, clock } = runtime
  const authenticator = await createTokenAuthenticator({
    clock,
    keys: { keyDir: dataPaths(config.dataDir).keys },
  })
  const api = createApi({
    application,
    authenticator,
    logger,
    clock,
    baseUrl: publicUrlOf(config),
    version,
    zone: config.zone,
  })
  const url = await api.listen({ host: config.host, port: config.port })
  return { url, close: async () => api.close() }
}
