import { performance } from 'node:perf_hooks'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { errorText, type Log } from '@portcullis/engine'

const QUIET_MILLIS = 60_000
/** `ExportResultCode.SUCCESS`. */
const SUCCESS = 0

/** The same exporter; the log is told when spans are lost, at most once a minute. */
export const withLossWarnings = (exporter: SpanExporter, log: Log): SpanExporter => {
  let quietUntil = 0
  let lost = 0
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== SUCCESS) {
          lost += spans.length
          if (performance.now() >= quietUntil) {
            log.warn(
              { spans: lost, error: errorText(result.error) },
              'spans of traces could not be delivered and are lost; check OTEL_EXPORTER_OTLP_ENDPOINT and the collector there',
            )
            quietUntil = performance.now() + QUIET_MILLIS
            lost = 0
          }
        }
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}
