import { noTracing } from '@portcullis/core'
import type { Log } from '@portcullis/engine'
import type { RunningTracing } from './openTelemetry.ts'
import type { TracingConfig } from './tracingConfig.ts'

/** Traces where the configuration asks for them. Where it doesn't, the SDK isn't even loaded. */
export const openTracing = async (
  config: TracingConfig | undefined,
  log: Log,
): Promise<RunningTracing> => {
  if (config === undefined) return { tracing: noTracing, close: async () => {} }
  const { createOpenTelemetry } = await import('./openTelemetry.ts')
  return createOpenTelemetry(config, log)
}
