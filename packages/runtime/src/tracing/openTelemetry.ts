import { createRequire } from 'node:module'
import {
  type Context,
  createContextKey,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanOptions, TraceOrigin, Tracing } from '@portcullis/core'
import type { Log } from '@portcullis/engine'
import { samplerOf } from './samplers.ts'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'
import type { TracingConfig } from './tracingConfig.ts'
import { withLossWarnings } from './withLossWarnings.ts'

export interface RunningTracing {
  readonly tracing: Tracing
  /** Sends what has ended; gives up after some seconds, so that a collector that is down delays no stop. */
  close(): Promise<void>
}

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

/** Most links of a span, and most characters of an attribute: what comes in may be longer. */
export const MOST_LINKS = 128
const LIMITS = { linkCountLimit: MOST_LINKS, attributeValueLengthLimit: 256 }

const CORRELATION = createContextKey('portcullis correlation id')
/** Ids of the spans that the span under way links to already. */
const LINKED = createContextKey('portcullis links')
const CORRELATION_ATTRIBUTE = 'portcullis.correlation_id'

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const

/**
 * Traces by OpenTelemetry's SDK, sent over OTLP. Registers nothing globally: two in one process know nothing of each
 * other.
 */
export const createOpenTelemetry = (config: TracingConfig, log: Log): RunningTracing => {
  const exporter = config.protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter()
  return openTelemetryOver(withLossWarnings(exporter, log), config)
}

export const openTelemetryOver = (
  exporter: SpanExporter,
  config: TracingConfig,
): RunningTracing => {
  const processor = new BatchSpanProcessor({ exporter, ...config.batch })
  const provider = new TracerProvider({
    sampler: samplerOf(config),
    spanLimits: LIMITS,
    resource: resourceOf(config),
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('portcullis', version)
  const contexts = new AsyncLocalStorageContextManager().enable()

  const start: Tracing['start'] = (options) => {
    const { parent, links } = placeOf(options.origins, contexts.active())
    const correlationId = correlationOf(options, contexts.active())
    const span = tracer.startSpan(
      options.name,
      {
        kind: options.kind === undefined ? SpanKind.INTERNAL : KINDS[options.kind],
        attributes: { ...options.attributes, ...attributesOf(correlationId) },
        links: [...links],
      },
      parent,
    )
    const within = trace
      .setSpan(parent, span)
      .setValue(CORRELATION, correlationId)
      .setValue(LINKED, new Set(links.map(({ context }) => context.spanId)))
    return {
      set: (attributes) => {
        span.setAttributes(attributes)
      },
      failed: (type) => {
        span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type)
      },
      run: (work) => contexts.with(within, work),
      end: () => span.end(),
    }
  }

  return {
    tracing: {
      start,
      current: () => {
        const active = contexts.active()
        const context = trace.getSpanContext(active)
        if (context === undefined) return undefined
        const correlationId = active.getValue(CORRELATION)
        const traceparent = formatTraceparent(context)
        return typeof correlationId === 'string' ? { traceparent, correlationId } : { traceparent }
      },
      link: (origins) => {
        const active = contexts.active()
        const span = trace.getSpan(active)
        const linked = active.getValue(LINKED)
        if (span?.isRecording() !== true || !(linked instanceof Set)) return
        const { traceId } = span.spanContext()
        const others = linksTo(origins).filter(
          ({ context }) =>
            isSampled(context) && context.traceId !== traceId && !linked.has(context.spanId),
        )
        for (const { context } of others) linked.add(context.spanId)
        span.addLinks(others)
      },
    },
    close: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const givingUp = setTimeout(resolve, PATIENCE_MILLIS)
      await Promise.race([provider.shutdown().catch(() => {}), promise])
      clearTimeout(givingUp)
      contexts.disable()
    },
  }
}

const PATIENCE_MILLIS = 5000

const resourceOf = ({ serviceName }: TracingConfig) =>
  defaultResource()
    .merge(resourceFromAttributes({ 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector, serviceInstanceIdDetector] }))
    .merge(resourceFromAttributes({ 'service.name': serviceName }))

/**
 * Goes on in the one trace that everything comes from; else begins one that links to each. What isn't recorded counts
 * only where nothing is.
 */
const placeOf = (
  origins: readonly TraceOrigin[] | undefined,
  active: Context,
): { readonly parent: Context; readonly links: readonly Link[] } => {
  if (origins === undefined) return { parent: active, links: [] }
  const all = linksTo(origins)
  const sampled = all.filter(({ context }) => isSampled(context))
  const counted = (sampled.length > 0 ? sampled : all).slice(0, MOST_LINKS)
  const [first, ...others] = counted
  if (first === undefined) return { parent: ROOT_CONTEXT, links: [] }
  const isOne = others.every(({ context }) => context.traceId === first.context.traceId)
  return isOne
    ? { parent: trace.setSpanContext(ROOT_CONTEXT, first.context), links: others }
    : { parent: ROOT_CONTEXT, links: counted }
}

/** One link for each span. */
const linksTo = (origins: readonly TraceOrigin[]): readonly Link[] => {
  const links = new Map<string, Link>()
  for (const { traceparent, correlationId } of origins) {
    const context = parseTraceparent(traceparent)
    if (context !== undefined && !links.has(context.spanId))
      links.set(context.spanId, { context, attributes: attributesOf(correlationId) })
  }
  return [...links.values()]
}

const attributesOf = (correlationId: string | undefined) =>
  correlationId === undefined ? {} : { [CORRELATION_ATTRIBUTE]: correlationId }

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0

const correlationOf = (
  { correlationId, origins }: SpanOptions,
  active: Context,
): string | undefined => {
  if (correlationId !== undefined) return correlationId
  if (origins === undefined) {
    const inherited = active.getValue(CORRELATION)
    return typeof inherited === 'string' ? inherited : undefined
  }
  const [first, ...others] = new Set(origins.map((origin) => origin.correlationId))
  return others.length === 0 ? first : undefined
}
