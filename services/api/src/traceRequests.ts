import { noTracing, type OpenSpan, type Tracing } from '@portcullis/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Spans of requests, for routes that want them. */
export interface RequestSpans {
  /**
   * Goes on in the trace that the request names by a W3C `traceparent`, else begins one. Once the caller is known:
   * strangers can't have anything recorded.
   */
  begin(request: FastifyRequest): void
  within<T>(request: FastifyRequest, work: () => T): T
}

const UNTRACED: RequestSpans = { begin: () => {}, within: (_request, work) => work() }

/**
 * By OpenTelemetry's conventions for HTTP servers, but for `url.path` and `url.query`: addresses hold ids of people.
 */
export const traceRequests = (app: FastifyInstance, tracing: Tracing): RequestSpans => {
  if (tracing === noTracing) return UNTRACED
  const spans = new WeakMap<FastifyRequest, OpenSpan>()
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request)
    span?.set({ 'http.response.status_code': statusCode })
    if (statusCode >= 500) span?.failed(String(statusCode))
    span?.end()
  })
  return {
    begin: (request) => {
      const { traceparent } = request.headers
      const route = request.routeOptions.url ?? 'unknown'
      const span = tracing.start({
        name: `${request.method} ${route}`,
        kind: 'server',
        correlationId: request.id,
        origins: typeof traceparent === 'string' ? [{ traceparent }] : [],
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'url.scheme': request.protocol,
          'network.protocol.version': request.raw.httpVersion,
        },
      })
      spans.set(request, span)
    },
    within: (request, work) => {
      const span = spans.get(request)
      return span === undefined ? work() : span.run(work)
    },
  }
}
