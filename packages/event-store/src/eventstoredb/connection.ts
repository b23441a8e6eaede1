import { EventStoreDBClient } from '@eventstore/db-client'

/** The connection string can't be used, or what answers there isn't a server that the engine can work with. The message names what to correct, never a password. */
export class EventStoreDbUnusable extends Error {
  readonly code = 'event-store.unusable'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'EventStoreDbUnusable'
  }
}

export interface Connection {
  readonly client: EventStoreDBClient
  /** Given with every append: that is what makes the client append one by one, with deadlines, apart from other clients of the process (design §6). */
  readonly credentials: { readonly username: string; readonly password: string }
  /** `host:port` of each node, for messages. */
  readonly hosts: string
}

const SCHEME = /^(?:esdb|kurrentdb|kurrent)(\+discover)?:\/\//
/** As the client reads them: `user:password@`, each percent-encoded. */
const CREDENTIALS = /^([^:@/]+):([^@/]+)@/

/**
 * @param url `esdb://[user:password@]host[:port][,host…][?tls=false&tlsCAFile=…]` or `esdb+discover://…`; `kurrentdb://` is the same
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
    return {
      client: EventStoreDBClient.connectionString(`esdb${scheme[1] ?? ''}://${rest}`),
      credentials: {
        username: decodeURIComponent(given?.[1] ?? 'nobody'),
        password: decodeURIComponent(given?.[2] ?? ''),
      },
      hosts: authority,
    }
  } catch {
    // The client's message quotes the whole connection string, the password with it.
    throw new EventStoreDbUnusable(
      `the address can't be read; it is like esdb://user:password@${authority || 'host'}:2113?tls=true`,
    )
  }
}
