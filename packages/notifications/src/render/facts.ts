/** What a template can say about a moment: in the recipient's language of dates and time zone. */
export interface ShownDate {
  /** As in `Tuesday, 5 May 2026 at 14:00 (Europe/Berlin, UTC+2)`. */
  readonly long: string
  /** As in `5 May 2026`. */
  readonly short: string
  /** ISO 8601, UTC. */
  readonly iso: string
}

export interface Named {
  readonly id: string
  readonly name: string
}

export interface RequestFacts {
  readonly id: string
  readonly kind: 'new' | 'extension'
  readonly subject: Named
  /** Empty where none was given. */
  readonly justification: string
  /** Until when its open stage is open. */
  readonly decideBy: ShownDate | null
  /** Of an extension: when the access ends without it. */
  readonly endAt: ShownDate | null
  readonly approverMustJustify: boolean
}

export interface DecisionFacts {
  readonly approver: Named
  readonly justification: string
}

export interface AssignmentFacts {
  readonly id: string
  readonly endAt: ShownDate | null
  readonly extensible: boolean
  /** Does somebody approve an extension? */
  readonly extensionApproved: boolean
}

export interface FailedRole {
  readonly name: string
  readonly resource: string
  /** A plain sentence, in English: what the target said is for administrators. */
  readonly message: string
  /** Tried again on its own; else an administrator has to correct something. */
  readonly retried: boolean
}

interface About {
  readonly package: Named
}

/** The values that each template has, beside those of `CommonFacts`. Text that people wrote is made fit for a mail. */
export interface KindFacts {
  'approval-requested': About & {
    readonly request: RequestFacts
    readonly calls: { readonly approve: string; readonly deny: string }
  }
  'approval-digest': {
    readonly requests: readonly (RequestFacts & About)[]
    /** Whether any of them needs the approver's reason; the calls have `REQUEST` in place of an id. */
    readonly approverMustJustify: boolean
    readonly calls: { readonly approve: string; readonly deny: string }
  }
  'approval-timed-out': About & { readonly request: RequestFacts; readonly openUntil: ShownDate }
  approved: About & { readonly request: RequestFacts; readonly decision: DecisionFacts }
  denied: About & { readonly request: RequestFacts; readonly decision: DecisionFacts }
  'timed-out': About & {
    readonly request: RequestFacts
    readonly openUntil: ShownDate
    readonly calls: { readonly requestAgain: string }
  }
  delivered: About & { readonly assignment: AssignmentFacts }
  'partly-delivered': About & {
    readonly assignment: AssignmentFacts
    readonly failed: {
      readonly count: number
      /** The first of them. */
      readonly roles: readonly FailedRole[]
      /** How many `roles` doesn't show. */
      readonly more: number
    }
  }
  extended: About & { readonly assignment: AssignmentFacts; readonly previousEndAt: ShownDate }
  'ends-in-14-days': EndsSoon
  'ends-in-1-day': EndsSoon
  'subject-left': About & {
    readonly assignment: AssignmentFacts
    readonly subject: Named
    /** It has ended for it; else it ends at `endsAt`, or not at all. */
    readonly hasEnded: boolean
    readonly endsAt: ShownDate | null
  }
  'no-approver': About & { readonly request: RequestFacts }
  ended: About & {
    readonly assignment: AssignmentFacts
    readonly ending: {
      readonly reason: 'expired' | 'removed' | 'subject-left'
      readonly at: ShownDate
      readonly by: Named
      readonly byRecipient: boolean
      readonly justification: string
    }
  }
}

type EndsSoon = About & {
  readonly assignment: AssignmentFacts
  readonly endAt: ShownDate
  /** Counted when the mail is made: after a long outage "in 14 days" would be wrong. */
  readonly daysLeft: number
  readonly calls: { readonly extend: string }
}

/** What every template has. */
export interface CommonFacts {
  readonly recipient: Named
  readonly organisation: { readonly name: string }
  readonly apiUrl: string
}
