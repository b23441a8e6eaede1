import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecure, type TLSSocket } from 'node:tls'
import { Client, ResultCodeError } from 'ldapts'
import { ConnectorError } from '../connector.ts'
import { asConnectorError, networkError } from './ldapErrors.ts'

export interface LdapSessionsOptions {
  /** `ldap:` or `ldaps:`, with a host. */
  readonly url: URL
  /** Turn encryption on before anything is said (RFC 4511 §4.14); for `ldap:`. */
  readonly startTls: boolean
  /** PEM of the authorities that are trusted; those of Node when absent. */
  readonly ca: string | undefined
  readonly bindDn: string
  readonly password: string
  /** For one exchange, and for connecting. */
  readonly timeoutMillis: number
}

/** Connections that know who we are, opened when they are needed. */
export interface LdapSessions {
  /**
   * Runs some requests on one connection. They may run twice, when a connection that lay idle turns out to be gone:
   * they must be idempotent.
   * @throws ResultCodeError for what the target refused; the signal's reason; ConnectorError for everything about the
   *   connection
   */
  run<T>(signal: AbortSignal, requests: (client: Client) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Requests share a connection; a few let a slow one not hold up all others. */
const CONNECTIONS = 3

export const createLdapSessions = (options: LdapSessionsOptions): LdapSessions => {
  const { timeoutMillis } = options
  const { host } = options.url
  const slots: (Promise<Client> | undefined)[] = Array.from({ length: CONNECTIONS })
  let turn = 0
  let closed = false

  const open = async (): Promise<Client> => {
    const line = oneConnection(options)
    const tooLate = setTimeout(
      () => line.destroy(new Error(`no connection: timeout`)),
      timeoutMillis,
    )
    try {
      const { client } = line
      if (options.startTls) await client.startTLS()
      await client.bind(options.bindDn, options.password)
      return client
    } catch (error) {
      line.destroy()
      if (error instanceof ResultCodeError) throw asConnectorError('ldap.bind-refused', error)
      throw networkError(line.reason() ?? error, host, timeoutMillis)
    } finally {
      clearTimeout(tooLate)
    }
  }

  const session = async (): Promise<{ readonly client: Client; readonly used: boolean }> => {
    if (closed) throw new ConnectorError('ldap.closed', 'shutting down', { transient: true })
    turn = (turn + 1) % CONNECTIONS
    const slot = turn
    const present = slots[slot]
    // Bound, not just connected: a request on a connection that nobody bound would be anonymous, and an anonymous one
    // may be told that a group isn't there.
    const before = await present?.catch(() => undefined)
    if (before?.isBound) return { client: before, used: true }
    // The one who came first opens it again; the others wait for the same.
    if (slots[slot] === present) slots[slot] = open()
    return { client: await (slots[slot] ?? open()), used: false }
  }

  const attempt = async <T>(
    requests: (client: Client) => Promise<T>,
    tries = CONNECTIONS,
  ): Promise<T> => {
    const { client, used } = await session()
    try {
      return await requests(client)
    } catch (error) {
      if (error instanceof ResultCodeError || error instanceof ConnectorError) throw error
      const failure = networkError(error, host, timeoutMillis)
      if (used && tries > 0 && failure.code === 'ldap.unreachable')
        return await attempt(requests, tries - 1)
      throw failure
    }
  }

  return {
    run: (signal, requests) => orAborted(signal, () => attempt(requests)),
    close: async () => {
      closed = true
      await Promise.allSettled(slots.map(async (slot) => (await slot)?.unbind()))
    },
  }
}

/**
 * A client with one connection. ldapts opens another, unbound one on its own where the first is lost; here that is
 * refused, so that no request is ever anonymous.
 */
const oneConnection = ({ url, ca, startTls, timeoutMillis }: LdapSessionsOptions) => {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secureFromStart = url.protocol === 'ldaps:'
  const port = url.port === '' ? (secureFromStart ? 636 : 389) : Number(url.port)
  const trust = {
    ...(ca === undefined ? {} : { ca }),
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  }
  let socket: Socket | undefined
  let reason: Error | undefined
  const once = <T extends Socket>(make: () => T): T => {
    if (socket !== undefined) throw new Error('the connection was closed')
    const made = make()
    socket = made
    return made
  }
  const client = new Client({
    url: url.href,
    timeout: timeoutMillis,
    connectTimeout: timeoutMillis,
    createConnection: () => once(() => connectPlain({ host, port })),
    createSecureConnection: (): TLSSocket =>
      startTls && socket !== undefined
        ? connectSecure({ ...trust, socket })
        : once(() => connectSecure({ ...trust, port })),
  })
  return {
    client,
    /** Why `destroy` was called. */
    reason: () => reason,
    destroy: (error?: Error) => {
      reason ??= error
      socket?.destroy(error)
    },
  }
}

/** Lets the caller go as soon as the signal says so; what was asked may still be done, as when an answer gets lost. */
const orAborted = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const letGo = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', letGo, { once: true })
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', letGo)
  }
}
