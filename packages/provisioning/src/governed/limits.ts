import { z } from 'zod'
import type { CircuitLimits } from './circuit.ts'
import type { RateLimits } from './rate.ts'

/** What one process may ask of a target. */
export interface ConnectorLimits {
  /** Calls side by side. */
  readonly concurrency: number
  readonly rate: RateLimits
  readonly circuit: CircuitLimits
}

/** Fields that every connector of the configuration may have. */
export const limitFields = {
  concurrency: z.int().min(1).max(256).optional(),
  perSecond: z.number().min(0.01).max(10_000).optional(),
  burst: z.int().min(1).max(10_000).optional(),
  circuit: z
    .strictObject({
      failures: z.int().min(1).max(1000).optional(),
      openSeconds: z.number().min(0.1).max(3600).optional(),
      longestOpenSeconds: z.number().min(1).max(3600).optional(),
    })
    .optional(),
}
type Configured = Readonly<z.infer<z.ZodObject<typeof limitFields>>>

/** Less than the jobs that a worker runs side by side: a target that hangs can't hold them all. */
const CONCURRENCY = 4
const FAILURES = 5
const OPEN_SECONDS = 5
const LONGEST_OPEN_SECONDS = 300

/** What a kind of connector has instead of the general defaults. */
export type DefaultLimits = Pick<ConnectorLimits, 'concurrency'>

/** The limits of a connector, with what the configuration leaves out. */
export const limitsOf = (
  { concurrency, perSecond, burst, circuit }: Configured,
  defaults: DefaultLimits = { concurrency: CONCURRENCY },
): ConnectorLimits => ({
  concurrency: concurrency ?? defaults.concurrency,
  rate: {
    perSecond: perSecond ?? null,
    burst: burst ?? Math.max(1, Math.ceil(perSecond ?? 1)),
  },
  circuit: {
    failures: circuit?.failures ?? FAILURES,
    openMillis: (circuit?.openSeconds ?? OPEN_SECONDS) * 1000,
    longestOpenMillis: (circuit?.longestOpenSeconds ?? LONGEST_OPEN_SECONDS) * 1000,
  },
})
