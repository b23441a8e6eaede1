import type { Instant } from '@portcullis/core'

/** One subject's access to one role of one resource, with the names that the target knows them by. */
export interface Access {
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
  }
}

/** Where an access is in the target, whoever has it. */
export type TargetRole = Pick<Access, 'resource' | 'role'>

/** What a target says of an access. `unknown`: it can't be asked. */
export type ReadBack = 'present' | 'absent' | 'unknown'

/** The target took the order but has somebody carry it out, who says when it is done; given up at `awaitedUntil`. */
export interface FulfilmentAwaited {
  readonly awaitedUntil: Instant
}

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
  /** For people to read: a DN, a display name, an id of the target. */
  readonly label: string
}

/**
 * Calls for many accesses at once, each as its namesake for one. Answers are in the order of what was asked; what failed for one alone is its answer,
 * what failed for all is thrown. More than `most` is the caller's mistake.
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
  ): Promise<readonly (FulfilmentAwaited | ConnectorError | undefined)[]>
  revoke(
    operations: readonly Operation[],
    signal: AbortSignal,
  ): Promise<readonly (FulfilmentAwaited | ConnectorError | undefined)[]>
}

/** Access that was there before we first granted it is `keep`: never taken away; `take-over`: taken away when the last assignment that confers it goes. */
export type Preexisting = 'keep' | 'take-over'

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
  readBack(access: Access, signal: AbortSignal): Promise<ReadBack>
  /** Undefined when it is done. `operationId`: for targets that tell repeats by it; absent in a trial by hand. */
  grant(
    access: Access,
    signal: AbortSignal,
    operationId?: string,
  ): Promise<FulfilmentAwaited | undefined>
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
  /** True when the target wasn't called at all: no try to count, only a reason to come back after `retryAfterMillis`. */
  readonly deferred: boolean
  /** `message` may quote the target: what an event's text can't hold is taken out, and it is cut to 1,000 characters. */
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
