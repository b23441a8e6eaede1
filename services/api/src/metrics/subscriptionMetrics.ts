import { Gauge } from 'prom-client'
import type { MetricFamily } from './family.ts'

const LABELS = ['kind', 'subscription'] as const

/** How far projections and reactors are behind the log, and who runs them. */
export const subscriptionMetrics: MetricFamily = ({ subscriptions = [] }, registry) => {
  const registers = [registry]
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `portcullis_subscription_${name}`, help, labelNames: LABELS, registers })
  const events = gauge('lag_events', 'Events that it has not seen.')
  const seconds = gauge('lag_seconds', 'Age of the first of them.')
  const paused = gauge('paused', '1 when it is paused at an event that it can not handle.')
  const owned = gauge('owned', '1 when a process runs it.')
  const owner = new Gauge({
    name: 'portcullis_subscription_owner',
    help: '1 for the process that runs it: host and process id.',
    labelNames: [...LABELS, 'owner'] as const,
    registers,
  })
  for (const each of subscriptions) {
    const labels = { kind: each.kind, subscription: each.name }
    events.set(labels, each.events)
    seconds.set(labels, each.seconds)
    paused.set(labels, each.paused ? 1 : 0)
    owned.set(labels, each.owner === null ? 0 : 1)
    if (each.owner !== null) owner.set({ ...labels, owner: each.owner }, 1)
  }
}
