import { once } from 'node:events'
import { createServer } from 'node:http'
import { z } from 'zod'

const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([])
  .transform((all) =>
    Object.fromEntries(
      all.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue]),
    ),
  )

const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.number(),
              attributes,
              links: z
                .array(z.object({ traceId: z.string(), spanId: z.string(), attributes }))
                .default([]),
              status: z.object({ code: z.number().default(0) }),
            }),
          ),
        }),
      ),
    }),
  ),
})

type Exported = z.infer<typeof exported>['resourceSpans'][number]
export type CollectedSpan = Exported['scopeSpans'][number]['spans'][number] & {
  readonly service: unknown
}

/**
 * A real receiver of OTLP over HTTP, with JSON as the OpenTelemetry protocol has it (OTLP 1.x, "JSON Protobuf
 * Encoding").
 */
export interface Collector {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  /** Waits for spans until this gives something; it is asked again whenever some have come. */
  until<T>(found: (spans: readonly CollectedSpan[]) => T | undefined): Promise<T>
  close(): Promise<void>
}

export const startCollector = async (): Promise<Collector> => {
  const spans: CollectedSpan[] = []
  let arrived = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json') {
      response.writeHead(404).end()
      return
    }
    for (const { resource, scopeSpans } of exported.parse(
      JSON.parse(Buffer.concat(chunks).toString('utf8')),
    ).resourceSpans)
      for (const span of scopeSpans.flatMap((scope) => scope.spans))
        spans.push({ ...span, service: resource.attributes['service.name'] })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    arrived.resolve()
    arrived = Promise.withResolvers()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    until: async (found) => {
      for (;;) {
        const { promise } = arrived
        const result = found(spans)
        if (result !== undefined) return result
        await promise
      }
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
