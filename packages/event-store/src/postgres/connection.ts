import { connectSession } from '@portcullis/postgres'
import type pg from 'pg'

export interface ConnectionOptions {
  readonly url: string
  readonly applicationName: string
  /** Longest that a statement may take, ms; then the connection counts as lost. */
  readonly statementTimeoutMs: number
  /** Run on every new connection before it is used. */
  readonly prepare?: (client: pg.Client) => Promise<void>
  /** Called when an established connection is gone, but not by {@link Connection.close}. */
  readonly onLost?: () => void
}

/** One connection for a purpose of its own; made when first needed, and again after it was lost. */
export interface Connection {
  /** @throws the error of connecting */
  get(): Promise<pg.Client>
  /** Gives up a connection that failed, so that the next `get` makes a new one. */
  discard(client: pg.Client): void
  close(): Promise<void>
}

export const createConnection = (options: ConnectionOptions): Connection => {
  let current: Promise<pg.Client> | undefined
  let live: pg.Client | undefined
  let closed = false

  const forget = (client: pg.Client): void => {
    if (live !== client) return
    live = undefined
    current = undefined
    if (!closed) options.onLost?.()
  }
  const connect = async (): Promise<pg.Client> => {
    let client: pg.Client | undefined
    try {
      client = await connectSession({
        url: options.url,
        applicationName: options.applicationName,
        queryMillis: options.statementTimeoutMs,
      })
      const established = client
      client.on('end', () => forget(established))
      await options.prepare?.(client)
      live = client
      return client
    } catch (error) {
      current = undefined
      client?.end().catch(() => {})
      throw error
    }
  }
  return {
    get: () => {
      if (closed) return Promise.reject(new Error('the connection is closed'))
      current ??= connect()
      return current
    },
    discard: (client) => {
      forget(client)
      client.end().catch(() => {})
    },
    close: async () => {
      closed = true
      const client = await current?.catch(() => undefined)
      current = undefined
      live = undefined
      await client?.end().catch(() => {})
    },
  }
}
