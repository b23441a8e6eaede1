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
      readonly observed: 'present' | 'absent'
      readonly leaseMillis: number
    }
  | {
      readonly type: 'CompleteOperation'
      readonly operationId: string
      /** What the target said when read back after the operation. */
      readonly readBack: 'present' | 'absent'
      readonly readAt: string
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
      /** An operator or a role's return asks to try again now, at any age (S21). */
      readonly type: 'RetryNow'
    }

export interface GrantFacts {
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
}
