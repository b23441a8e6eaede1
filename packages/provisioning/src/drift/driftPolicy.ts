import { z } from 'zod'

const UNIT_MILLIS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const EVERY = /^([1-9]\d{0,4})([mhd])$/

/** What a connector's `drift` says in the connectors file. */
export const driftSchema = z.strictObject({
  /**
   * How long after a scan of a resource has ended the next one is due: `90m`, `24h`, `7d`; `never`: only when somebody
   * asks.
   */
  every: z
    .string()
    .regex(/^(never|[1-9]\d{0,4}[mhd])$/, 'must be like 90m, 24h or 7d, or never')
    .optional(),
  /** Grant again what somebody took away by hand. Default true. */
  repairMissing: z.boolean().optional(),
  /** Take away what nothing of ours confers. Default false: it is only reported. */
  removeUnexpected: z.boolean().optional(),
  /** A scan that finds more to take away takes nothing away. Default 100. */
  removeAtMost: z.int().min(1).max(1_000_000).optional(),
})

/** What is done about drift of a connector's resources. */
export interface DriftPolicy {
  /** Milliseconds from the end of a scan until the next one is due; null: never on its own. */
  readonly everyMillis: number | null
  readonly repairMissing: boolean
  readonly removeUnexpected: boolean
  readonly removeAtMost: number
}

/** What counts where the connectors file doesn't say. */
export const DEFAULT_DRIFT_POLICY: DriftPolicy = {
  everyMillis: UNIT_MILLIS.d,
  repairMissing: true,
  removeUnexpected: false,
  removeAtMost: 100,
}

export const driftPolicyOf = (drift: z.infer<typeof driftSchema> = {}): DriftPolicy => {
  const { every, repairMissing, removeUnexpected, removeAtMost } = drift
  return {
    everyMillis: every === undefined ? DEFAULT_DRIFT_POLICY.everyMillis : millisOf(every),
    repairMissing: repairMissing ?? DEFAULT_DRIFT_POLICY.repairMissing,
    removeUnexpected: removeUnexpected ?? DEFAULT_DRIFT_POLICY.removeUnexpected,
    removeAtMost: removeAtMost ?? DEFAULT_DRIFT_POLICY.removeAtMost,
  }
}

const millisOf = (every: string): number | null => {
  const [, count, unit] = EVERY.exec(every) ?? []
  return unit === 'm' || unit === 'h' || unit === 'd' ? Number(count) * UNIT_MILLIS[unit] : null
}
