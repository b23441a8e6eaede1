import { Gauge } from 'prom-client'
import type { MetricFamily } from './family.ts'

/** Whether sweeps still end. */
export const sweepMetrics: MetricFamily = ({ at, sweptAt }, registry) => {
  const age = new Gauge({
    name: 'portcullis_sweep_last_seconds',
    help: 'For how long no sweep has ended; below 0 when the last one was timed by a clock that was ahead.',
    registers: [registry],
  })
  // Without a label a gauge begins with 0, which would be an answer.
  age.remove()
  if (sweptAt !== undefined) age.set((Date.parse(at) - Date.parse(sweptAt)) / 1000)
}
