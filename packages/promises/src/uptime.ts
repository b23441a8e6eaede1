import { type Instant, toMillis } from '@portcullis/core'
import type { Downtime } from './evidence.ts'

/** Milliseconds between two instants in which the engine was up; 0 when the second isn't after the first. */
export type Uptime = (from: Instant, to: Instant) => number

/** @param downtimes may overlap, in any order */
export const createUptime = (downtimes: readonly Downtime[]): Uptime => {
  const merged: { readonly from: number; to: number }[] = []
  const windows = downtimes
    .map(({ from, to }) => ({ from: toMillis(from), to: toMillis(to) }))
    .sort((left, right) => left.from - right.from)
  for (const window of windows) {
    const last = merged.at(-1)
    if (last !== undefined && window.from <= last.to) last.to = Math.max(last.to, window.to)
    else merged.push(window)
  }
  return (from, to) => {
    const start = toMillis(from)
    const end = toMillis(to)
    const down = merged.reduce(
      (sum, window) => sum + Math.max(0, Math.min(end, window.to) - Math.max(start, window.from)),
      0,
    )
    return Math.max(0, end - start - down)
  }
}
