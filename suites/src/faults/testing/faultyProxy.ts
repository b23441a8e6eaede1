import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Random } from '../../crash/testing/random.ts'

/** What happens between the engine and a target. */
export type Fault =
  /** This share of exchanges fails: cut before the target hears of it, or after it has done it. */
  | { readonly kind: 'at random'; readonly share: number }
  /** Nobody answers. */
  | { readonly kind: 'down' }
  /** This share of answers comes so many milliseconds later, when the engine has given up. */
  | { readonly kind: 'late'; readonly share: number; readonly millis: number }
  /** The target does this share of what it is asked, and then the connection is cut instead of an answer. */
  | { readonly kind: 'done, then cut'; readonly share: number }

/** A line between the engine and a target that fails on demand, whatever is spoken over it. */
export interface FaultyProxy {
  readonly port: number
  /** Exchanges so far, and those of them that something was done to. */
  readonly stats: { exchanges: number; faulty: number }
  /** Null: the line is good. */
  set(fault: Fault | null): void
  close(): Promise<void>
}

/** What becomes of one exchange. */
type Fate = 'passes' | 'cut before' | 'cut after' | 'late'

/**
 * @param targetPort of 127.0.0.1
 * @param seen told of each exchange before anything is done about it
 */
export const openFaultyProxy = async (
  targetPort: number,
  random: Random,
  seen: () => void,
): Promise<FaultyProxy> => {
  const stats = { exchanges: 0, faulty: 0 }
  const sockets = new Set<Socket>()
  let fault: Fault | null = null

  const fateOf = (): Fate => {
    if (fault === null) return 'passes'
    if (fault.kind === 'down') return 'cut before'
    if (random.int(1, 1000) > fault.share * 1000) return 'passes'
    if (fault.kind === 'late') return 'late'
    if (fault.kind === 'done, then cut') return 'cut after'
    return random.pick(['cut before', 'cut after'] as const)
  }

  // Without waiting for more to send: a line of 40 ms for each small exchange would be none that anybody has in one
  // place.
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const cut = (): void => {
      client.destroy()
      target.destroy()
    }
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', cut)
    }
    if (fault?.kind === 'down') return cut()
    let cutAfter = false
    let lateUntil = 0
    client.on('data', (asked) => {
      stats.exchanges += 1
      seen()
      const fate = fateOf()
      if (fate !== 'passes') stats.faulty += 1
      if (fate === 'cut before') return cut()
      if (fate === 'cut after') cutAfter = true
      if (fate === 'late' && fault?.kind === 'late') lateUntil = performance.now() + fault.millis
      target.write(asked)
    })
    target.on('data', (answer) => {
      if (cutAfter) return cut()
      const wait = lateUntil - performance.now()
      if (wait <= 0) return client.write(answer)
      // What the caller has closed can't be answered any more.
      setTimeout(() => client.writable && client.write(answer), wait)
    })
    client.on('end', () => target.end())
    target.on('end', () => client.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    stats,
    set: (next) => {
      fault = next
      // A connection that was good a moment ago isn't when the target is down.
      if (next?.kind === 'down') for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
