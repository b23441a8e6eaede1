import { Gauge } from 'prom-client'
import type { MetricFamily } from './family.ts'

/** What could be looked up: the metrics of a part that couldn't are missing. */
export const lookMetrics: MetricFamily = (facts, registry) => {
  const seen = new Gauge({
    name: 'portcullis_look_success',
    help: '1 when this part of what all processes share could be looked up.',
    labelNames: ['part'] as const,
    registers: [registry],
  })
  for (const part of ['views', 'subscriptions', 'queues', 'mails'] as const)
    seen.set({ part }, facts[part] === undefined ? 0 : 1)
}
