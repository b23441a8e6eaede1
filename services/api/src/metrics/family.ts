import type { EngineFacts } from '@portcullis/runtime'
import type { Registry } from 'prom-client'

/**
 * Metrics of one subject: puts them into the registry of one answer. A new subject is a new family, listed in
 * `engineMetricsText.ts`.
 */
export type MetricFamily = (facts: EngineFacts, registry: Registry) => void

/** Seconds from an instant to another; 0 when there is none, or it lies ahead. */
export const secondsBetween = (from: string | null, to: string): number =>
  from === null ? 0 : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
