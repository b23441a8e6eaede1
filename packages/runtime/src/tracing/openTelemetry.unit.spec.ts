import { InMemorySpanExporter } from '@opentelemetry/sdk-trace'
import { inSpan, originsOf, type TraceOrigin } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { MOST_LINKS, openTelemetryOver, type RunningTracing } from './openTelemetry.ts'
import { openTracing } from './openTracing.ts'

const traceId = (n: number): string => n.toString(16).padStart(32, 'a')
const spanId = (n: number): string => n.toString(16).padStart(16, 'b')
const origin = (trace: number, span: number, flags = '01'): TraceOrigin => ({
  traceparent: `00-${traceId(trace)}-${spanId(span)}-${flags}`,
  correlationId: `c${trace}`,
})
const configOf = (variables: Readonly<Record<string, string>>) =>
  readConfig({ OTEL_TRACES_EXPORTER: 'otlp', ...variables }, '/').tracing
const nothing = async () => {}

describe('OpenTelemetry', () => {
  let exporter: InMemorySpanExporter
  let running: RunningTracing
  const begin = (variables: Readonly<Record<string, string>> = {}) => {
    const config = configOf(variables)
    if (config === undefined) throw new Error('off')
    exporter = new InMemorySpanExporter()
    // Closing forgets what was collected; nothing here is sent anywhere.
    exporter.shutdown = nothing
    running = openTelemetryOver(exporter, config)
  }
  const ended = async () => {
    await running.close()
    return exporter.getFinishedSpans()
  }
  beforeEach(() => begin())
  afterEach(() => running.close())

  it('a span within another is its child, with its correlation id', async () => {
    const { tracing } = running
    await inSpan(tracing, { name: 'outer', correlationId: 'c1' }, async () => {
      expect(tracing.current()?.correlationId).toBe('c1')
      await inSpan(tracing, { name: 'inner' }, nothing)
    })
    expect(tracing.current()).toBeUndefined()
    const [inner, outer] = await ended()
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
    expect(inner?.attributes).toEqual({ 'portcullis.correlation_id': 'c1' })
  })

  it('goes on in the one trace that everything comes from, and links to the rest of it', async () => {
    await inSpan(
      running.tracing,
      { name: 'job', origins: [origin(1, 1), origin(1, 2), origin(1, 2)] },
      nothing,
    )
    const [job] = await ended()
    expect(job?.spanContext().traceId).toBe(traceId(1))
    expect(job?.parentSpanContext?.spanId).toBe(spanId(1))
    expect(job?.links.map(({ context }) => context.spanId)).toEqual([spanId(2)])
    expect(job?.attributes['portcullis.correlation_id']).toBe('c1')
  })

  it('begins a trace of its own where it comes from several, linked to as many as a span may', async () => {
    const many = Array.from({ length: 250 }, (_, index) => origin(index + 1, index + 1))
    await inSpan(running.tracing, { name: 'job', origins: many }, nothing)
    const [job] = await ended()
    expect(job?.parentSpanContext).toBeUndefined()
    expect(job?.links).toHaveLength(MOST_LINKS)
    expect(job?.links[1]).toMatchObject({
      context: { traceId: traceId(2), spanId: spanId(2) },
      attributes: { 'portcullis.correlation_id': 'c2' },
    })
    expect(job?.attributes).toEqual({})
  })

  it('what is not recorded does not count beside what is', async () => {
    const origins = [origin(1, 1, '00'), origin(2, 2)]
    await inSpan(running.tracing, { name: 'job', origins }, nothing)
    const [job] = await ended()
    expect(job?.spanContext().traceId).toBe(traceId(2))
    expect(job?.links).toEqual([])
  })

  it('nothing follows from what is not recorded, but the trace goes on unrecorded', async () => {
    const { tracing } = running
    await inSpan(tracing, { name: 'job', origins: [origin(1, 1, '00')] }, async () => {
      expect(tracing.current()?.traceparent).toMatch(new RegExp(`^00-${traceId(1)}-.{16}-00$`))
    })
    expect(await ended()).toEqual([])
  })

  it('records a batch of which one part is recorded, however few begin here', async () => {
    begin({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })
    await inSpan(running.tracing, { name: 'root' }, nothing)
    await inSpan(running.tracing, { name: 'batch', origins: [origin(1, 1), origin(2, 2)] }, nothing)
    expect((await ended()).map(({ name }) => name)).toEqual(['batch'])
  })

  it('links to what else is worked on, but not within its own trace', async () => {
    const { tracing } = running
    await inSpan(tracing, { name: 'sweep', origins: [origin(1, 1)] }, async () => {
      tracing.link([origin(1, 5), origin(2, 2), origin(3, 3, '00')])
      tracing.link([origin(2, 2), origin(2, 2)])
    })
    const [sweep] = await ended()
    expect(sweep?.links.map(({ context }) => context.traceId)).toEqual([traceId(2)])
  })

  it('says by its code what failed, without the text', async () => {
    const failing = inSpan(running.tracing, { name: 'call' }, async () => {
      throw Object.assign(new Error('secret of alice'), { code: 'main.down' })
    })
    await expect(failing).rejects.toThrow('secret of alice')
    const [call] = await ended()
    expect(call?.status).toEqual({ code: 2 })
    expect(call?.attributes).toEqual({ 'error.type': 'main.down' })
    expect(call?.events).toEqual([])
  })

  it('cuts long values', async () => {
    await inSpan(running.tracing, { name: 'x', attributes: { long: 'é'.repeat(9999) } }, nothing)
    expect(String((await ended())[0]?.attributes.long)).toHaveLength(256)
  })

  it.each([
    'no traceparent',
    `00-${'0'.repeat(32)}-${spanId(1)}-01`,
    `00-${traceId(1)}-${'0'.repeat(16)}-01`,
    `00-${traceId(1)}-${spanId(1)}-01-more`,
    `ff-${traceId(1)}-${spanId(1)}-01`,
  ])('takes no notice of a broken traceparent: %s', async (traceparent) => {
    await inSpan(running.tracing, { name: 'http', origins: [{ traceparent }] }, nothing)
    const [http] = await ended()
    expect(http?.parentSpanContext).toBeUndefined()
    expect(http?.links).toEqual([])
  })

  it('names the service, whatever else the resource says', async () => {
    begin({ OTEL_SERVICE_NAME: 'access' })
    await inSpan(running.tracing, { name: 'x' }, nothing)
    expect((await ended())[0]?.resource.attributes).toMatchObject({
      'service.name': 'access',
      'service.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
      'telemetry.sdk.language': 'nodejs',
    })
  })
})

describe('configuration of traces', () => {
  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'TRUE' }, false],
  ])('%j: on is %s', async (variables, on) => {
    const config = readConfig(variables, '/').tracing
    expect(config !== undefined).toBe(on)
  })

  it('costs nothing where it is off: nothing is wrapped', async () => {
    const { tracing } = await openTracing(undefined, { ...console })
    const span = tracing.start({ name: 'x' })
    expect(span.run(() => 1)).toBe(1)
    expect(tracing.current()).toBeUndefined()
  })

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, /OTEL_TRACES_SAMPLER is not one of always_on/],
    [{ OTEL_TRACES_SAMPLER_ARG: '7' }, /OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT is not a URL/],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTEL_EXPORTER_OTLP_PROTOCOL is not one of http/],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER is not one of otlp, none/],
    [{ OTEL_SDK_DISABLED: 'yes' }, /OTEL_SDK_DISABLED is neither true nor false/],
  ])('refuses %j', (variables, message) => {
    expect(() => readConfig(variables, '/')).toThrow(message)
  })
})

it('events that were traced are origins, each span once', () => {
  const metadata = {
    commandId: 'c',
    correlationId: 'c1',
    actor: { kind: 'system', id: 'engine' },
    at: '2026-06-01T08:00:00.000Z',
  } as const
  const traced = { metadata: { ...metadata, traceparent: origin(1, 1).traceparent } }
  expect(originsOf([{ metadata }, traced, traced])).toEqual([origin(1, 1)])
})
