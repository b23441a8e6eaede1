import { z } from 'zod'

const collector = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'is not a URL starting with http:// or https://',
  )
  .optional()

const PROTOCOLS = ['http/protobuf', 'http/json'] as const
const protocol = z.enum(PROTOCOLS, {
  error: `is not one of ${PROTOCOLS.join(', ')}; traces are sent over HTTP`,
})

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

const EXPORTERS = ['otlp', 'none'] as const

const count = (min: number) =>
  z.coerce.number(`is not a whole number from ${min}`).int().min(min).max(2_147_483_647)

/**
 * The standard variables of OpenTelemetry that are read here; the exporter reads the other `OTEL_EXPORTER_OTLP_…`
 * itself.
 */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_TRACES_EXPORTER: z
    .enum(EXPORTERS, { error: `is not one of ${EXPORTERS.join(', ')}` })
    .optional(),
  OTEL_SDK_DISABLED: z
    .string()
    .regex(/^(true|false)$/i, 'is neither true nor false')
    .default('false'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `is not one of ${SAMPLERS.join(', ')}` })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('is not a number from 0 to 1')
    .min(0, 'is not a number from 0 to 1')
    .max(1, 'is not a number from 0 to 1')
    .default(1),
  OTEL_SERVICE_NAME: z.string().min(1).max(200).default('portcullis'),
  OTEL_BSP_SCHEDULE_DELAY: count(1).default(5000),
  OTEL_BSP_EXPORT_TIMEOUT: count(1).default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: count(1).default(2048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count(1).default(512),
} as const

const schema = z.object(tracingVariables)

export interface TracingConfig {
  readonly protocol: (typeof PROTOCOLS)[number]
  readonly sampler: (typeof SAMPLERS)[number]
  /** Share of the traces that begin here, from 0 to 1; only of the samplers `…traceidratio`. */
  readonly ratio: number
  readonly serviceName: string
  readonly batch: {
    readonly scheduledDelayMillis: number
    readonly exportTimeoutMillis: number
    readonly maxQueueSize: number
    readonly maxExportBatchSize: number
  }
}

/** Undefined: nothing is traced. */
export const tracingOf = (data: z.output<typeof schema>): TracingConfig | undefined => {
  const endpoint = data.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? data.OTEL_EXPORTER_OTLP_ENDPOINT
  const exporter = data.OTEL_TRACES_EXPORTER ?? (endpoint === undefined ? 'none' : 'otlp')
  if (exporter === 'none' || data.OTEL_SDK_DISABLED.toLowerCase() === 'true') return undefined
  const maxQueueSize = data.OTEL_BSP_MAX_QUEUE_SIZE
  return {
    protocol: data.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? data.OTEL_EXPORTER_OTLP_PROTOCOL,
    sampler: data.OTEL_TRACES_SAMPLER,
    ratio: data.OTEL_TRACES_SAMPLER_ARG,
    serviceName: data.OTEL_SERVICE_NAME,
    batch: {
      scheduledDelayMillis: data.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: data.OTEL_BSP_EXPORT_TIMEOUT,
      maxQueueSize,
      maxExportBatchSize: Math.min(maxQueueSize, data.OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
    },
  }
}
