import type { Instant } from '@portcullis/core'

/** One subject's access to one role of one resource, with the names that the target knows them by. */
export interface Access {
  /**
   * It was granted before. True: the target itself has said since that it is there, so it can tell; false: its word
   * that it did it had to do.
   */
  readonly confirmed?: boolean
  readonly resource: {
    readonly id: string
    /** The resource in the target: a SCIM group id, an LDAP DN, a name. */
    readonly externalId: string
  }
  readonly role: {
    readonly id: string
    /** The role in the target, where it has one of its own. */
    readonly externalId: string
  }
  readonly subject: {
    readonly id: string
    readonly userName: string
    readonly email: string
    readonly displayName: string
    /**
     * By what names the target had the account when it was granted; null or absent: none are known, and names have to
     * do.
     */
    readonly account?: TargetAccount | null
    /** The person's id in other systems that make accounts in targets, by the directory. */
    readonly externalId?: string | null
    readonly employeeNumber?: string | null
    readonly givenName?: string | null
    readonly familyName?: string | null
    /**
     * Somebody else in the directory has the same user name, whatever its case: it alone says nothing about whose an
     * account is.
     */
    readonly userNameShared?: boolean
    /** The same of the e-mail address. */
    readonly emailShared?: boolean
  }
}

/**
 * The target's own names of an account. Kept in the log with the grant, so that a later removal finds the same account,
 * moved or renamed.
 */
export interface TargetAccount {
  /** Given to nobody else, ever: a SCIM id, an `entryUUID`, an `objectGUID`. Null: the target has no such thing. */
  readonly id: string | null
  /** What stands for the account in a group: a SCIM member's value, a DN, a `memberUid`. */
  readonly member: string
  /** Of the group, where groups can be renamed: an id that is given to no other one. */
  readonly group?: string | undefined
}

/** Where an access is in the target, no matter who has it. */
export type TargetRole = Pick<Access, 'resource' | 'role'>

/**
 * What a target says of an access. "Not found" and "not listed" are no proof: `absent` is said only of what is
 * positively not there.
 */
export type ReadBack =
  | { readonly state: 'present' | 'absent'; readonly account: TargetAccount | null }
  | {
      readonly state: 'unknown'
      /** `<connector>.<reason>`, as of a {@link ConnectorError}. */
      readonly code: string
      readonly reason: string
      /**
       * True: it is known whose account it is, but no asking tells whether it has the access; changes can be made, and
       * the target's word that it made them counts.
       * False: nothing can be done as things stand; it is tried again, and is an open problem until then.
       */
      readonly unreadable: boolean
    }

export const present = (account: TargetAccount | null = null): ReadBack => ({
  state: 'present',
  account,
})
export const absent = (account: TargetAccount | null = null): ReadBack => ({
  state: 'absent',
  account,
})
/** Not known, and nothing to be done about it as things stand. */
export const unknown = (code: string, reason: string): ReadBack => ({
  state: 'unknown',
  code,
  reason,
  unreadable: false,
})
/** Not to be known by asking; changes can be made. */
export const unreadable = (code: string, reason: string): ReadBack => ({
  state: 'unknown',
  code,
  reason,
  unreadable: true,
})

/** The target took the order but has somebody carry it out, who says when it is done; given up at `awaitedUntil`. */
export interface FulfilmentAwaited {
  readonly awaitedUntil: Instant
}

/** It is done, to this account. */
export interface Granted {
  readonly account: TargetAccount
}

/** What came of a grant. Undefined: it is done, and the target has no names of its own for whom. */
export type GrantAnswer = Granted | FulfilmentAwaited | undefined

/** One try to grant or to revoke. `operationId` is its own, and the same however often the call is repeated. */
export interface Operation {
  readonly access: Access
  readonly operationId: string
}

/** Somebody who has a role in the target, by what the target knows of them; null: it doesn't say. */
export interface Holder {
  readonly subjectId: string | null
  readonly userName: string | null
  readonly email: string | null
  readonly employeeNumber?: string | null
  readonly account?: TargetAccount | null
  /** For people to read: a DN, a display name, an id of the target. */
  readonly label: string
}

/**
 * Calls for many accesses at once, each as its namesake for one. Answers are in the order of what was asked; what
 * failed for one alone is its answer, what failed for all is thrown. More than `most` is the caller's mistake.
 */
export interface ManyAtOnce {
  readonly most: number
  readBack(
    accesses: readonly Access[],
    signal: AbortSignal,
  ): Promise<readonly (ReadBack | ConnectorError)[]>
  grant(
    operations: readonly Operation[],
    signal: AbortSignal,
  ): Promise<readonly (GrantAnswer | ConnectorError)[]>
  revoke(
    operations: readonly Operation[],
    signal: AbortSignal,
  ): Promise<readonly (FulfilmentAwaited | ConnectorError | undefined)[]>
}

/**
 * Access that was there before we first granted it is `keep`: never taken away; `take-over`: taken away when the last
 * assignment that confers it goes.
 */
export type Preexisting = 'keep' | 'take-over'

/** Something that targets of a kind may do or not; found out by asking. */
export interface Ability {
  /**
   * In kebab-case: `list-members`. `read-back`: whether anything tells who has what; where nothing does, receipts are
   * `acknowledged`.
   */
  readonly ability: string
  readonly can: 'yes' | 'no' | 'not known'
  /** Of what it was found, where not all in the target need be alike: a DN. */
  readonly where?: string
}

/**
 * What connects to one target system. Every connector passes `describeConnectorContract`.
 * Each call is idempotent: granting what is there and revoking what is gone are successes.
 * Failures are thrown as {@link ConnectorError}; anything else that is thrown counts as transient.
 */
export interface Connector {
  readonly name: string
  /** What becomes of access that was there before us: kept, or ours from now on. Absent: `keep`. */
  readonly preexisting?: Preexisting
  /** Checks configuration and reachability; throws with what to correct. */
  probe(): Promise<void>
  /** What the target does of what others of its kind may not do; nothing is changed. Absent: nothing that differs. */
  abilities?(signal: AbortSignal): Promise<readonly Ability[]>
  readBack(access: Access, signal: AbortSignal): Promise<ReadBack>
  /** `operationId`: for targets that tell repeats by it; absent in a trial by hand. */
  grant(access: Access, signal: AbortSignal, operationId?: string): Promise<GrantAnswer>
  /**
   * Undefined when it is done: the target took the removal, of that account, or it is positively not there.
   * A refusal that may mean anything else ("no such group", of one that may be hidden) is thrown.
   */
  revoke(
    access: Access,
    signal: AbortSignal,
    operationId?: string,
  ): Promise<FulfilmentAwaited | undefined>
  /** Where the target takes many in one call. */
  readonly many?: ManyAtOnce
  /** Who has the role in the target, in pages; absent where it can't be asked. */
  holders?(role: TargetRole, signal: AbortSignal): AsyncIterable<readonly Holder[]>
  close(): Promise<void>
}

export class ConnectorError extends Error {
  /** `<connector>.<reason>`; kept in events, so it holds no secret. */
  readonly code: string
  /** True when the same call may succeed later without anybody changing anything. */
  readonly transient: boolean
  /** What the target asked us to wait, milliseconds (Retry-After). */
  readonly retryAfterMillis: number | undefined
  /**
   * True when the target wasn't called at all: no try to count, only a reason to come back after `retryAfterMillis`.
   */
  readonly deferred: boolean
  /**
   * `message` may quote the target: what an event's text can't hold is taken out, and it is cut to 1,000 characters.
   */
  constructor(
    code: string,
    message: string,
    options: {
      readonly transient: boolean
      readonly retryAfterMillis?: number
      readonly deferred?: true
    },
  ) {
    super(printable(message))
    this.name = 'ConnectorError'
    this.code = code
    this.transient = options.transient
    this.retryAfterMillis = options.retryAfterMillis
    this.deferred = options.deferred ?? false
  }
}

const MAX_MESSAGE = 1000

const printable = (text: string): string => {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
  if (clean === '') return 'no message'
  return clean.length <= MAX_MESSAGE ? clean : `${clean.slice(0, MAX_MESSAGE).toWellFormed()} …`
}
