import { PROBLEM_AGES } from '@portcullis/engine'
import { Gauge } from 'prom-client'
import { type MetricFamily, secondsBetween } from './family.ts'

const LABELS = ['kind', 'resource', 'operation', 'state'] as const

/** What isn't as it should be. */
export const problemMetrics: MetricFamily = ({ at, views }, registry) => {
  const registers = [registry]
  const count = new Gauge({
    name: 'portcullis_open_problems',
    help: 'What is not as it should be, as `portcullis problems` lists it.',
    labelNames: LABELS,
    registers,
  })
  const oldest = new Gauge({
    name: 'portcullis_open_problem_oldest_seconds',
    help: 'Age of the oldest of them.',
    labelNames: LABELS,
    registers,
  })
  const older = new Gauge({
    name: 'portcullis_open_problems_older',
    help: 'How many of them are older than so many seconds.',
    labelNames: ['than'] as const,
    registers,
  })
  for (const [index, millis] of PROBLEM_AGES.entries()) {
    const count = views?.problemsOlder[index]
    if (count !== undefined) older.set({ than: millis / 1000 }, count)
  }
  for (const each of views?.problems ?? []) {
    const labels = {
      kind: each.kind,
      resource: each.resourceId ?? '',
      operation: each.operation ?? '',
      state: each.state,
    }
    count.set(labels, each.count)
    oldest.set(labels, secondsBetween(each.oldest, at))
  }
}
