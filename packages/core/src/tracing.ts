import { codeOf } from './errors.ts'
import type { EventMetadata } from './events.ts'

/** What a trace needs to know of the span that something comes from, to go on there: kept with events and jobs. */
export type TraceOrigin = {
  /** As W3C Trace Context writes it, version 00: `00-<trace id>-<span id>-<flags>`. */
  readonly traceparent: string
  /** Absent where it comes from several. */
  readonly correlationId?: string
}

/** Never holds personal data or secrets: no ids of people, no names, no addresses, no texts of targets. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export interface SpanOptions {
  /** Few different ones: what is done, never what it is done to. */
  readonly name: string
  /** As OpenTelemetry has them; internal when absent. */
  readonly kind?: 'server' | 'client' | 'consumer'
  readonly attributes?: SpanAttributes
  /**
   * What it follows from, when that isn't the span under way: where all of it is in one trace, the span goes on there;
   * else it begins a trace of its own that links to each.
   */
  readonly origins?: readonly TraceOrigin[]
  /** That of the origins, or of the span under way, when absent. */
  readonly correlationId?: string
}

/** A piece of work that a trace shows. */
export interface Span {
  set(attributes: SpanAttributes): void
  /** @param type a code, never a text */
  failed(type: string): void
}

export interface OpenSpan extends Span {
  /** Does work as part of the span: spans that begin in it are its children. */
  run<T>(work: () => T): T
  end(): void
}

/** The port to traces. What it is given goes no further than a bounded number of bounded attributes and links. */
export interface Tracing {
  start(options: SpanOptions): OpenSpan
  /** The span under way, for what others go on with; undefined when nothing is traced. */
  current(): TraceOrigin | undefined
  /** Says that the span under way also works on what these are of. */
  link(origins: readonly TraceOrigin[]): void
}

const NO_SPAN: OpenSpan = {
  set: () => {},
  failed: () => {},
  run: (work) => work(),
  end: () => {},
}

/** Nothing is traced. */
export const noTracing: Tracing = {
  start: () => NO_SPAN,
  current: () => undefined,
  link: () => {},
}

/** Does work as a span; one that throws has failed, with the error's code or name. */
export const inSpan = async <T>(
  tracing: Tracing,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> => {
  // Nothing to pay where nothing is traced.
  if (tracing === noTracing) return work(NO_SPAN)
  const span = tracing.start(options)
  try {
    return await span.run(() => work(span))
  } catch (error) {
    span.failed(errorType(error))
    throw error
  } finally {
    span.end()
  }
}

/** What tells errors apart without their text. */
export const errorType = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  return codeOf(error) ?? error.name
}

/** Where events come from, as far as they were traced; each once. */
export const originsOf = (
  events: Iterable<{ readonly metadata: EventMetadata }>,
): readonly TraceOrigin[] => {
  const origins = new Map<string, TraceOrigin>()
  for (const { metadata } of events) {
    const { traceparent, correlationId } = metadata
    if (traceparent !== undefined) origins.set(traceparent, { traceparent, correlationId })
  }
  return [...origins.values()]
}

/** Handles a batch of events as a span that follows from all of them; without one where none of them was traced. */
export const inBatchSpan = <T>(
  tracing: Tracing,
  name: string,
  events: readonly { readonly metadata: EventMetadata }[],
  work: () => Promise<T>,
): Promise<T> => {
  const origins = tracing === noTracing ? [] : originsOf(events)
  if (origins.length === 0) return work()
  const attributes = { 'portcullis.events': events.length }
  return inSpan(tracing, { name, kind: 'consumer', origins, attributes }, work)
}
