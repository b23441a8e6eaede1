/** How much of each kind an import may take away without being told so: the larger of both. */
export interface RemovalLimits {
  /** That many always may. */
  readonly most: number
  /** That share of what is there may, from 0 to 1. */
  readonly share: number
  /**
   * What goes within so long counts together, so that many small steps come to no more than one; 0: each import
   * separately.
   */
  readonly withinMillis: number
}

export const DEFAULT_LIMITS: RemovalLimits = { most: 10, share: 0.05, withinMillis: 86_400_000 }

/** How many of so many may go. */
export const allowedOf = (
  of: number,
  { most, share }: Pick<RemovalLimits, 'most' | 'share'>,
): number => Math.max(most, Math.floor(of * share))
