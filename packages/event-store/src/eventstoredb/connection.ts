import { EventStoreDBClient } from '@eventstore/db-client'
import { type Clients, createClients } from './clients.ts'

/**
 * The connection string can't be used, or what answers there isn't a server that the engine can work with. The message
 * names what to correct, never a password.
 */
export class EventStoreDbUnusable extends Error {
  readonly code = 'event-store.unusable'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'EventStoreDbUnusable'
  }
}

export interface Connection {
  /** For calls that end by themselves. */
  readonly client: EventStoreDBClient
  /** For what stays open. */
  readonly clients: Clients
  /** Of the address; for messages. */
  readonly user: string
  /**
   * Given with every append: that is what makes the client append one by one, with deadlines, apart from other clients
   * of the process (ADR 0049).
   */
  readonly credentials: { readonly username: string; readonly password: string }
  /** `host:port` of each node, for messages. */
  readonly hosts: string
}

const SCHEME = /^(?:esdb|kurrentdb|kurrent)(\+discover)?:\/\//
/** As the client reads them: `user:password@`, each percent-encoded. */
const CREDENTIALS = /^([^:@/]+):([^@/]+)@/

/**
 * @param url `esdb://[user:password@]host[:port][,host…][?tls=false&tlsCAFile=…]` or `esdb+discover://…`;
 *   `kurrentdb://` is the same
 * @throws EventStoreDbUnusable naming what is wrong
 */
export const connectTo = (url: string): Connection => {
  const scheme = SCHEME.exec(url)
  if (scheme === null)
    throw new EventStoreDbUnusable(
      'the address must start with esdb:// or esdb+discover:// (or kurrentdb://)',
    )
  const rest = url.slice(scheme[0].length)
  const given = CREDENTIALS.exec(rest)
  const [authority = ''] = rest.slice(given?.[0].length ?? 0).split(/[/?]/)
  const secure = !/[?&]tls=false(?:&|$)/i.test(rest)
  if (secure && given === null)
    throw new EventStoreDbUnusable(
      'a server with TLS asks who is there: give user:password@ before the host, or ?tls=false for a server without TLS',
    )
  try {
    const open = apart(`esdb${scheme[1] ?? ''}://${rest}`)
    const username = decodeURIComponent(given?.[1] ?? 'nobody')
    return {
      client: open(),
      clients: createClients(open),
      user: username,
      credentials: { username, password: decodeURIComponent(given?.[2] ?? '') },
      hosts: authority,
    }
  } catch {
    // The client's message quotes the whole connection string, the password with it.
    throw new EventStoreDbUnusable(
      `the address can't be read; it is like esdb://user:password@${authority || 'host'}:2113?tls=true`,
    )
  }
}

const TIMEOUT = /([?&]keepAliveTimeout=)(-?\d+)/i
const DEFAULT_TIMEOUT = 10_000

/**
 * Clients that don't share connections. gRPC gives channels with the same address and settings one connection in
 * common: so each waits some milliseconds more for a sign of life.
 */
const apart = (address: string): (() => EventStoreDBClient) => {
  const given = Number(TIMEOUT.exec(address)?.[2] ?? DEFAULT_TIMEOUT)
  let opened = 0
  return () => {
    if (opened === 0) {
      opened = 1
      return EventStoreDBClient.connectionString(address)
    }
    // Below 0 stands for never.
    const timeout = (given < 0 ? 1_000_000_000 : given) + opened
    opened += 1
    return EventStoreDBClient.connectionString(
      TIMEOUT.test(address)
        ? address.replace(TIMEOUT, `$1${timeout}`)
        : `${address}${address.includes('?') ? '&' : '?'}keepAliveTimeout=${timeout}`,
    )
  }
}
