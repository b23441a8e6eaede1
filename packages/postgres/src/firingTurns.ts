import type pg from 'pg'
import { LOCK_SPACE } from './locks.ts'
import { withAdvisoryLock } from './withAdvisoryLock.ts'

/** Who fires deadlines: one process at a time. */
export interface FiringTurns {
  /**
   * Runs the work once it is this process's turn.
   * @throws what the work throws; an error of the database when the turn doesn't come in a minute, or the signal aborts
   *   before
   */
  take<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>
}

export const createFiringTurns = (pool: pg.Pool): FiringTurns => ({
  take: (signal, work) =>
    withAdvisoryLock(
      pool,
      // Several times as long as a turn takes: then its process hangs, and others go on.
      { space: LOCK_SPACE.firing, name: 'deadlines', holdMillis: 15_000, waitMillis: 60_000 },
      signal,
      work,
    ),
})
