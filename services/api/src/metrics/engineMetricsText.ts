import type { EngineFacts } from '@portcullis/runtime'
import { Registry } from 'prom-client'
import type { MetricFamily } from './family.ts'
import { lastRunMetrics } from './lastRunMetrics.ts'
import { lookMetrics } from './lookMetrics.ts'
import { problemMetrics } from './problemMetrics.ts'
import { queueMetrics } from './queueMetrics.ts'
import { removalMetrics } from './removalMetrics.ts'
import { subscriptionMetrics } from './subscriptionMetrics.ts'

const FAMILIES: readonly MetricFamily[] = [
  removalMetrics,
  problemMetrics,
  subscriptionMetrics,
  queueMetrics,
  lastRunMetrics,
  lookMetrics,
]

/** The facts as Prometheus reads them: text format 0.0.4. What has no value any more is gone from the next answer. */
export const engineMetricsText = async (
  facts: EngineFacts,
): Promise<{ readonly contentType: string; readonly text: string }> => {
  const registry = new Registry()
  for (const family of FAMILIES) family(facts, registry)
  return { contentType: registry.contentType, text: await registry.metrics() }
}
