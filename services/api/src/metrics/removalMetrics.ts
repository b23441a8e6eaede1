import { REMOVAL_BOUNDS } from '@portcullis/engine'
import { Gauge } from 'prom-client'
import { CountedHistogram } from './countedHistogram.ts'
import { type MetricFamily, secondsBetween } from './family.ts'

/** How long access outlives the end of what conferred it (promise 2). */
export const removalMetrics: MetricFamily = ({ at, views }, registry) => {
  const { removals = [], openRemovals = [] } = views ?? {}
  new CountedHistogram({
    name: 'portcullis_removal_lag_seconds',
    help: 'From the end of the last assignment that conferred access to the receipt of its removal.',
    labelNames: ['resource'],
    bounds: REMOVAL_BOUNDS.map((millis) => millis / 1000),
    counted: removals.map(({ resourceId, count, sumMillis, atMost }) => ({
      labels: { resource: resourceId },
      count,
      sum: sumMillis / 1000,
      atMost,
    })),
    registry,
  })
  const open = new Gauge({
    name: 'portcullis_removals_open',
    help: 'Access whose end has come and that is still to be taken away.',
    labelNames: ['resource'],
    registers: [registry],
  })
  const oldest = new Gauge({
    name: 'portcullis_removal_oldest_seconds',
    help: 'Age of the oldest of them: since its end.',
    labelNames: ['resource'],
    registers: [registry],
  })
  for (const each of openRemovals) {
    open.set({ resource: each.resourceId }, each.open)
    oldest.set({ resource: each.resourceId }, secondsBetween(each.oldestEndedAt, at))
  }
}
