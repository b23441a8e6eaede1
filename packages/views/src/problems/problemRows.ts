/** The end of an assignment, its start, and the time for a decision. */
export const OVERDUE_KINDS = ['expiry', 'start', 'approval'] as const

/** Something that should have happened by now, by what the view of assignments and requests shows. */
export interface OverdueView {
  readonly kind: (typeof OVERDUE_KINDS)[number]
  /** Of the deadline that should have seen to it. */
  readonly key: string
  readonly dueAt: string
  /** The assignment's or the request's. */
  readonly id: string
  readonly packageId: string
  readonly subjectId: string
}

/** What checks find: each kind belongs to one check. */
export const FINDING_KINDS = [
  'overdue',
  'leaver',
  'no-approver',
  'account',
  'standing-unknown',
  'held-back',
  'schedule-ahead',
  'broken-promise',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]
/** `access`: what a grant shows. The others are found by checks. */
export type ProblemKind = 'access' | FindingKind

/**
 * `failing`: it is tried again at `nextTryAt`. `awaiting-operator`: the last try failed for good.
 * `awaiting-fulfilment`: somebody does it by hand; given up at `nextTryAt`. `under-way`: an operation is in flight.
 * `waiting`: nothing failed, but nobody has got to it, or its target is left alone for now. `drift`: the target was
 * changed by hand, which is only reported. `found`: a check found it, and it goes when that finds it no more.
 */
export type ProblemState =
  | 'failing'
  | 'awaiting-operator'
  | 'awaiting-fulfilment'
  | 'under-way'
  | 'waiting'
  | 'drift'
  | 'found'

/** Something that isn't as it should be: one subject's access to one resource role, or what a check found. */
export interface ProblemView {
  /** The grant's, or `<kind>:<key>` of what was found. */
  readonly id: string
  readonly kind: ProblemKind
  /** Of what was found; for access, the assignments say it. */
  readonly packageId: string | null
  readonly resourceId: string | null
  readonly roleId: string | null
  readonly subjectId: string | null
  /** What has to be done to make access right; null for what was found. */
  readonly operation: 'grant' | 'revoke' | null
  readonly state: ProblemState
  /**
   * Its age counts from here: the end of the last assignment that conferred it, else the first failure, else when it
   * should first have been otherwise.
   */
  readonly since: string
  /** Assignments that confer it, or that let go of it; or that it is about. */
  readonly assignmentIds: readonly string[]
  readonly requestIds: readonly string[]
  /** Tries that failed, since the last success. */
  readonly attempts: number
  /** What the target said. */
  readonly error: { readonly code: string; readonly message: string } | null
  /** What a check found, and the way out; null for access. */
  readonly detail: { readonly code: string; readonly message: string } | null
  readonly nextTryAt: string | null
}

export interface ProblemCounts {
  readonly kind: ProblemKind
  readonly resourceId: string | null
  readonly operation: 'grant' | 'revoke' | null
  readonly state: ProblemState
  readonly count: number
  readonly oldest: string
}
