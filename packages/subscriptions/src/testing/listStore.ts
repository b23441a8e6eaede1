import { type EventBatch, type EventStore, type RecordedEvent, START } from '@portcullis/core'

export interface ListStore extends EventStore {
  /** Adds one event of that type at the next position. */
  add(...types: string[]): void
  /** The next read of the subscription throws this. */
  failNextRead(error: Error): void
}

/**
 * Just enough of a log for subscriptions: a list that grows. The adapters' own package depends on this one, so theirs
 * can't be used here.
 */
export const listStore = (): ListStore => {
  const events: RecordedEvent[] = []
  const wakers = new Set<() => void>()
  let failure: Error | undefined
  const unused = (): never => {
    throw new Error('not part of this fake')
  }

  const read = (after: bigint, limit: number, types?: readonly string[]): EventBatch => {
    if (failure !== undefined) {
      const error = failure
      failure = undefined
      throw error
    }
    const page = events.slice(Number(after), Number(after) + limit)
    return {
      events: types === undefined ? page : page.filter((event) => types.includes(event.type)),
      position: page.at(-1)?.position ?? after,
      caughtUp: Number(after) + limit >= events.length,
    }
  }

  return {
    append: unused,
    appendAll: unused,
    readStream: unused,
    readStreams: unused,
    readAll: async ({ after, limit, types }) => read(after, limit, types),
    head: async () => events.at(-1)?.position ?? START,
    newest: async () => events.at(-1),
    close: async () => {},
    async *subscribe({ after, batchSize, types, signal }) {
      let position = after
      while (!signal.aborted) {
        const batch = read(position, batchSize, types)
        if (batch.position > position) {
          position = batch.position
          yield batch
          continue
        }
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            wakers.delete(wake)
            signal.removeEventListener('abort', wake)
            resolve()
          }
          wakers.add(wake)
          signal.addEventListener('abort', wake)
        })
      }
    },
    add: (...types) => {
      for (const type of types) {
        const number = BigInt(events.length)
        events.push({
          id: `00000000-0000-5000-8000-${number.toString().padStart(12, '0')}`,
          type,
          data: { number: Number(number) },
          stream: 'test-1',
          revision: number,
          position: number + 1n,
          metadata: {
            commandId: '00000000-0000-4000-8000-000000000000',
            correlationId: '00000000-0000-4000-8000-000000000000',
            actor: { kind: 'system', id: 'test' },
            at: '2026-01-01T00:00:00.000Z',
          },
        })
      }
      for (const wake of wakers) wake()
    },
    failNextRead: (error) => {
      failure = error
      for (const wake of wakers) wake()
    },
  }
}
