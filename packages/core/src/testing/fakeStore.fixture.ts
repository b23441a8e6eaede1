import {
  type AppendResult,
  type EventStore,
  isRevisionConflict,
  NO_STREAM,
  RevisionConflict,
} from '../eventStore.ts'
import type { NewEvent, RecordedEvent } from '../events.ts'
import { deepFreeze } from './deepFreeze.ts'

/** Just enough of a store: one stream after another in an array, exact revisions. */
export const fakeStore = () => {
  const log: RecordedEvent[] = []
  const readStream = async (stream: string) => log.filter((event) => event.stream === stream)
  const append = async (
    stream: string,
    expected: bigint | typeof NO_STREAM,
    events: readonly NewEvent[],
  ): Promise<AppendResult> => {
    const last = (await readStream(stream)).at(-1)
    const actual = last?.revision ?? NO_STREAM
    if (actual !== expected) throw new RevisionConflict(stream, expected, actual)
    let revision = last?.revision ?? -1n
    for (const event of events) {
      revision += 1n
      log.push(deepFreeze({ ...event, stream, revision, position: BigInt(log.length + 1) }))
    }
    return { revision, position: BigInt(log.length), repeated: false }
  }
  const unused = () => {
    throw new Error('a command handler has no business here')
  }
  const storeWith = (appendOne: EventStore['append']): EventStore => ({
    append: unused,
    appendAll: (appends) =>
      Promise.all(
        appends.map(({ stream, expected, events }) =>
          appendOne(stream, expected, events).catch((error: unknown) => {
            if (isRevisionConflict(error)) return error
            throw error
          }),
        ),
      ),
    readStream: unused,
    readStreams: (asks) => Promise.all(asks.map(({ stream }) => readStream(stream))),
    readAll: unused,
    head: unused,
    newest: unused,
    subscribe: unused,
    close: unused,
  })
  return { log, store: storeWith(append), storeWith, append }
}
