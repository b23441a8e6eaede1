import type { Instant } from '@portcullis/core'
import type { LogEvent } from './logEvent.ts'

/** Checks that need a running engine, by what they probe. */
export type Probe =
  /** Promise 1: the live views against views filled anew. */
  | 'viewsEqual'
  /** Promise 6: commands sent again. */
  | 'repeats'
  /** Promise 7: commands and queries right after the answer that made their target. */
  | 'readYourWrites'
  /** Promise 8: mails and connector calls during a rebuild. */
  | 'replay'

export interface Downtime {
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
}

/**
 * Of a log that goes on: what may still be under way. What is broken only by standing still for long is judged by
 * these; what the list of open problems shows with its age (a target that refuses, a try that waits) isn't judged at
 * all.
 */
export interface Live {
  /** A timer that was due before has been overtaken by others, or is waited for in vain; null: none is judged. */
  readonly firedBefore: Instant | null
  /** What an assignment that ended before conferred is let go of. */
  readonly releasedBefore: Instant
  /** What an assignment that began before confers is held. */
  readonly conferredBefore: Instant
}

/** What a run leaves behind. The log has to be the whole log, in order. */
export interface PromiseEvidence {
  readonly events: readonly LogEvent[]
  /** Where `events` are only a part of the log: the events of the packages that they are of, in order for each. */
  readonly around?: readonly LogEvent[]
  /** Absent: the run has settled, and nothing is under way any more. */
  readonly live?: Live
  /**
   * What the targets hold at the end: grant ids `<resourceId>.<roleId>.<subjectId>`. Absent: not known, and the log's
   * word is taken.
   */
  readonly memberships?: ReadonlySet<string>
  /** What they held before we started. Absent: not known, and memberships that we never touched aren't judged. */
  readonly membershipsBefore?: ReadonlySet<string>
  /** As sent; a send that was repeated is there twice. */
  readonly mails?: readonly {
    readonly messageId: string
    readonly kind: string
    readonly recipientId: string
    readonly eventId: string
  }[]
  readonly tolerance: {
    /** How late a timer may be, milliseconds of time in which the engine was up; 0 under a virtual clock. */
    readonly lateMillis: number
    /** When it was down: that time doesn't count as lateness. May overlap, in any order. */
    readonly downtimes: readonly Downtime[]
  }
  /** What each probe found wrong, a sentence each. */
  readonly probes: Readonly<Record<Probe, readonly string[]>>
  /** How many comparisons each probe made; absent: 0, and the report doesn't claim to have looked. */
  readonly probed?: Readonly<Partial<Record<Probe, number>>>
  readonly now: Instant
}

export type PromiseNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

export interface PromiseResult {
  readonly number: PromiseNumber
  readonly promise: string
  readonly holds: boolean
  /** How many facts were looked at; 0 means that nothing was there to be judged. */
  readonly checked: number
  /** How many violations there are. */
  readonly violations: number
  /** The first {@link MAX_BROKEN} of them: a sentence each, with ids and positions. */
  readonly broken: readonly string[]
}

/** Most violations of one promise that are told; the others are only counted. */
export const MAX_BROKEN = 20
