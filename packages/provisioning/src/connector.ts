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

/**
 * What connects to one target system. Every connector passes `describeConnectorContract`.
 * Each call is idempotent: granting what is there and revoking what is gone are successes.
 * Failures are thrown as {@link ConnectorError}; anything else that is thrown counts as transient.
 */
export interface Connector {
  readonly name: string
  /** Checks configuration and reachability; throws with what to correct. */
  probe(): Promise<void>
  readBack(access: Access, signal: AbortSignal): Promise<'present' | 'absent'>
  grant(access: Access, signal: AbortSignal): Promise<void>
  revoke(access: Access, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export class ConnectorError extends Error {
  /** `<connector>.<reason>`; kept in events, so it holds no secret. */
  readonly code: string
  /** True when the same call may succeed later without anybody changing anything. */
  readonly transient: boolean
  /** What the target asked us to wait, milliseconds (Retry-After). */
  readonly retryAfterMillis: number | undefined
  /** `message` may quote the target: what an event's text can't hold is taken out, and it is cut to 1,000 characters. */
  constructor(
    code: string,
    message: string,
    options: { readonly transient: boolean; readonly retryAfterMillis?: number },
  ) {
    super(printable(message))
    this.name = 'ConnectorError'
    this.code = code
    this.transient = options.transient
    this.retryAfterMillis = options.retryAfterMillis
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
