import { isSpanContextValid, type SpanContext } from '@opentelemetry/api'

/** As W3C Trace Context, Level 1, §3.2 writes it. */
export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`

/**
 * @returns the span that it names, of another process for all that is known; undefined when it isn't a traceparent. A
 *   later version is read as far as this one goes (§4).
 */
export const parseTraceparent = (text: string): SpanContext | undefined => {
  const match = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text)
  const [, version, traceId = '', spanId = '', flags = '', rest] = match ?? []
  if (match === null || (version === '00' && rest !== undefined)) return undefined
  const context = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  }
  return isSpanContextValid(context) ? context : undefined
}
