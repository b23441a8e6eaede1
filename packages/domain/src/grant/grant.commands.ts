import type { TargetAccount } from './grant.state.ts'

export type GrantCommand =
  | { readonly type: 'AddHold'; readonly assignmentId: string }
  | {
      readonly type: 'ReleaseHold'
      readonly assignmentId: string
      readonly reason: 'assignment-ended' | 'role-removed'
    }
  | {
      /** Asks for the lease. Decides to nothing when desired and actual agree. */
      readonly type: 'StartOperation'
      readonly operationId: string
      /** What the target says now, read just before. */
      readonly observed: 'present' | 'absent' | 'unknown'
      /** Where it is there: by what names the target has the account. */
      readonly account?: TargetAccount | null
      /** The grant's `news` before that look: what was seen before others changed it counts for nothing. */
      readonly lookedAt: number
      readonly leaseMillis: number
      /** Access that was there before us becomes ours, to be taken away when the last holder goes. Absent: it is kept. */
      readonly takeOver?: boolean
    }
  | {
      readonly type: 'CompleteOperation'
      readonly operationId: string
      /** What the target said when read back after the operation. `unknown`: it can't be asked, and its word that it is done counts: that is what the receipt says. */
      readonly readBack: 'present' | 'absent' | 'unknown'
      readonly readAt: string
      /** Of a grant: whom the target gave it to, by its own names. */
      readonly account?: TargetAccount | null
    }
  | {
      readonly type: 'FailOperation'
      readonly operationId: string
      readonly code: string
      readonly message: string
      readonly transient: boolean
      /** What the target asked us to wait (Retry-After), milliseconds; null when it said nothing. */
      readonly retryAfterMillis: number | null
    }
  | {
      /** The target couldn't even be looked at, so that nothing was started: counts as a failed try. */
      readonly type: 'ReportUnreachable'
      readonly operationId: string
      readonly code: string
      readonly message: string
      readonly transient: boolean
      readonly retryAfterMillis: number | null
    }
  | {
      /** What a scan of the target saw of an access. Decides to nothing while an operation is due or under way: that looks for itself. */
      readonly type: 'ReportDrift'
      readonly found: 'present' | 'absent'
      /** Where it is there: by what names the target has the account. */
      readonly account?: TargetAccount | null
      /** The grant's `news` before that look, as for {@link GrantCommand} StartOperation. */
      readonly lookedAt: number
      /** Set it right: grant again what is missing, or take away what nothing confers. Otherwise it is only recorded. */
      readonly repair: boolean
    }
  | {
      /** The target took the order and has somebody carry it out (a ticket, work by hand): the operation stays in flight for so long. */
      readonly type: 'AwaitFulfilment'
      readonly operationId: string
      readonly until: string
    }
  | ReportFulfilment
  | {
      /** An administrator asks to try again now, at any age; where the access is in place, to look at it and grant it again if it is missing (S21). */
      readonly type: 'RetryNow'
    }

/** Whoever carries an operation out says how it went: the target by a callback, or an administrator. */
export interface ReportFulfilment {
  readonly type: 'ReportFulfilment'
  readonly operationId: string
  readonly outcome: 'done' | 'refused'
  /** Why it was refused, or a word on what was done; null: nothing said. */
  readonly message: string | null
}

export interface GrantFacts {
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
}
