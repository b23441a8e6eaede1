import type { EventStoreDBClient } from '@eventstore/db-client'

/** Streams that one connection is given at most; a server lets it carry 100, and what is more waits without a word. */
const MOST_STREAMS = 80

/** A client for something that stays open. */
export interface Lent {
  readonly client: EventStoreDBClient
  giveBack(): void
}

/** Clients for subscriptions: each has a connection of its own, and there are as many as there is need of. */
export interface Clients {
  lend(): Lent
  close(): Promise<void>
}

/** @param connect opens one whose connection no other shares */
export const createClients = (connect: () => EventStoreDBClient): Clients => {
  const clients: { readonly client: EventStoreDBClient; open: number }[] = []
  return {
    lend: () => {
      let one = clients.find(({ open }) => open < MOST_STREAMS)
      if (one === undefined) {
        one = { client: connect(), open: 0 }
        clients.push(one)
      }
      const taken = one
      taken.open += 1
      let given = false
      return {
        client: taken.client,
        giveBack: () => {
          if (!given) taken.open -= 1
          given = true
        },
      }
    },
    close: async () => {
      await Promise.all(clients.map(({ client }) => client.dispose()))
    },
  }
}
