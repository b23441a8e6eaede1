import type { Application } from '@portcullis/engine'
import type { Monitor } from '@portcullis/runtime'
import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../authentication/createAuthentication.ts'
import { refusalProblem } from '../problems.ts'
import { engineMetricsText } from './engineMetricsText.ts'

/** What a process tells Prometheus with. */
export interface MetricsOptions {
  readonly application: Pick<Application, 'unlessMayReadMetrics'>
  readonly monitor: Pick<Monitor, 'instruments' | 'facts'>
  readonly authenticate: Authenticate
}

/**
 * `GET /metrics`, what this process has counted: it looks at no database. Beside the operations of the contract,
 * because it answers no JSON; for whom the permission matrix says.
 */
export const addMetricsRoute = (app: FastifyInstance, options: MetricsOptions): void => {
  const { registry } = options.monitor.instruments
  add(app, '/metrics', options, async () => ({
    contentType: registry.contentType,
    text: await registry.metrics(),
  }))
}

/** `GET /metrics/engine`, what all processes share: any API answers the same, so that one is asked. */
export const addEngineMetricsRoute = (app: FastifyInstance, options: MetricsOptions): void =>
  add(app, '/metrics/engine', options, async () => engineMetricsText(await options.monitor.facts()))

const add = (
  app: FastifyInstance,
  url: string,
  { application, authenticate }: MetricsOptions,
  read: () => Promise<{ readonly contentType: string; readonly text: string }>,
): void => {
  app.get(url, {
    exposeHeadRoute: false,
    onRequest: async (request) => {
      const caller = await authenticate(request)
      const refused = await application.unlessMayReadMetrics(caller)
      if (refused !== undefined) throw refusalProblem(refused.refusal)
    },
    handler: async (_request, reply) => {
      const { contentType, text } = await read()
      return reply.type(contentType).send(text)
    },
  })
}
