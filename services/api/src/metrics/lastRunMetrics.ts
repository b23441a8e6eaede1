import { Gauge } from 'prom-client'
import type { MetricFamily } from './family.ts'

/** Whether sweeps, and checks of the promises, still come to their end. */
export const lastRunMetrics: MetricFamily = ({ at, sweptAt, promisesCheckedAt }, registry) => {
  const age = (name: string, help: string, endedAt: string | undefined): void => {
    const gauge = new Gauge({ name, help, registers: [registry] })
    // Without a label a gauge begins with 0, which would be an answer.
    gauge.remove()
    if (endedAt !== undefined) gauge.set((Date.parse(at) - Date.parse(endedAt)) / 1000)
  }
  age(
    'portcullis_sweep_last_seconds',
    'For how long no sweep has ended; below 0 when the last one was timed by a clock that was ahead.',
    sweptAt,
  )
  age(
    'portcullis_promises_check_last_seconds',
    'For how long no check of the promises has ended; below 0 when the last one was timed by a clock that was ahead.',
    promisesCheckedAt,
  )
}
