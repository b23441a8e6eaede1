import type { Instant, Position } from '@portcullis/core'
import type { PromiseNumber } from '../evidence.ts'

/** How far the check has come. */
export interface CheckState {
  /** Everything up to here has been read. */
  readonly position: Position
  /** How many events that is. */
  readonly events: number
  /** Time of the newest event of the engine's own; null before the first. */
  readonly engineAt: Instant | null
  /** The latest time for which a timer is known to have fired: timers fire in order. */
  readonly firedUntil: Instant | null
  readonly beganAt: Instant | null
  /** When a check last came to its end. */
  readonly endedAt: Instant | null
}

export interface Broken {
  readonly number: PromiseNumber
  readonly violations: number
  readonly sentences: readonly string[]
}

export interface GroupVerdict {
  readonly key: string
  /** When it is to be looked at again though nothing happens; null: never. */
  readonly recheckAt: Instant | null
  /** Facts looked at, by promise: the first is promise 1's. */
  readonly checked: readonly number[]
  readonly broken: readonly Broken[]
}

export interface Group {
  readonly key: string
  readonly streams: readonly string[]
}

/** Where the check of a live log keeps what it needs from one run to the next. */
export interface PromiseRecords {
  /** Runs `work` as the only check, in any process. @returns false when another one is at it */
  withLock(work: () => Promise<void>): Promise<boolean>
  state(): Promise<CheckState>
  /** Forgets everything. */
  reset(): Promise<void>
  /** Notes streams in which something happened, by group, and how far the log has been read. */
  read(streams: ReadonlyMap<string, ReadonlySet<string>>, state: CheckState): Promise<void>
  /** Groups to look at: those in which something happened, and those whose time has come. Behind the key `after`. */
  due(now: Instant, after: string, limit: number): Promise<readonly Group[]>
  countDue(now: Instant): Promise<number>
  judged(verdicts: readonly GroupVerdict[]): Promise<void>
  ended(at: Instant): Promise<void>
  /** Over all groups: facts looked at by promise, and what is broken, the first groups first. */
  results(): Promise<{ readonly checked: readonly number[]; readonly broken: readonly Broken[] }>
}
