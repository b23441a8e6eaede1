import type { Readiness } from '@portcullis/runtime'
import type { FastifyInstance } from 'fastify'

/**
 * What load balancers and Kubernetes ask, without a token: `GET /healthz`, whether the process is alive, which looks at
 * nothing; and `GET /readyz`, whether it should be sent work: 200 or 503 with each check. On its way out a process
 * closes the connection after each answer, so that clients turn to another one.
 */
export const addProbeRoutes = (app: FastifyInstance, readiness: Readiness): void => {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const report = await readiness.report()
    return reply.code(report.status === 'ready' ? 200 : 503).send(report)
  })
  app.addHook('onSend', async (_request, reply) => {
    if (readiness.draining) reply.header('Connection', 'close')
  })
}
