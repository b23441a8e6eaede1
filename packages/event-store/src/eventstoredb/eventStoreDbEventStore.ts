import { BACKWARDS, END } from '@eventstore/db-client'
import {
  type AppendAllOptions,
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  NO_STREAM,
  type RecordedEvent,
  type Revision,
  RevisionConflict,
  type StreamAppend,
} from '@portcullis/core'
import { checkAppends, soleOutcome } from '../appends.ts'
import type { Codec } from '../codec.ts'
import { AppendTooLarge, EventStoreClosed } from '../errors.ts'
import { appendOnce } from './append.ts'
import { checkAppendSize } from './appendSize.ts'
import { connectTo } from './connection.ts'
import { toStoreError, typeOf } from './failures.ts'
import { followLog, readPage } from './follow.ts'
import { createOurLog, prefixesOf } from './ourLog.ts'
import { CHECK_MILLIS, checkServer, openServer } from './server.ts'

/** Far more than appends are under way at once. */
const NEWEST = 10_000

export interface EventStoreDbOptions {
  /** Connection string, as `esdb://user:password@host:2113`. */
  readonly url: string
  readonly codec: Codec
  /**
   * Put before every stream's name there, so that several installations can share one server: `acme_` makes
   * `acme_grant-…`. Letters, digits and `_`; none when absent.
   */
  readonly streamPrefix?: string
  /**
   * What our streams begin with before their first dash, as `grant`: only those are asked of the server. May be absent
   * with a `streamPrefix`.
   */
  readonly categories?: readonly string[]
  /** Told when a subscription was dropped and is made anew. */
  readonly log?: (message: string) => void
}

/**
 * An event store in EventStoreDB (23.10 or newer) or KurrentDB, after the rules of ADR 0049: appends with an exact
 * revision and per-call credentials, catch-up subscriptions with a filter on the server, positions only of events that
 * were given out.
 * @throws EventStoreDbUnusable when the address, the credentials or the server can't be used; EventStoreUnavailable
 *   when nothing answers
 */
export const createEventStoreDbEventStore = async (
  options: EventStoreDbOptions,
): Promise<EventStore> => {
  const { codec } = options
  const prefix = options.streamPrefix ?? ''
  const prefixes = prefixesOf(prefix, options.categories)
  const connection = connectTo(options.url)
  const server = openServer(connection)
  const { closed } = server
  const log = createOurLog(server, codec, prefix, prefixes)
  const unlessClosed = (): void => {
    if (closed.aborted) throw new EventStoreClosed()
  }

  /**
   * Last events of the newest appends here: the server tells those who append the same in the same instant the same.
   */
  const newest = new Set<string>()
  /** Whether nobody in this process was told so of this event before. */
  const isFirst = (id: string): boolean => {
    if (newest.has(id)) return false
    newest.add(id)
    const [oldest] = newest
    if (oldest !== undefined && newest.size > NEWEST) newest.delete(oldest)
    return true
  }

  /** One call a stream, side by side where their order doesn't matter: a server has no append to several. */
  const appendAll = async (
    appends: readonly StreamAppend[],
    options: AppendAllOptions = {},
  ): Promise<readonly (AppendResult | RevisionConflict)[]> => {
    unlessClosed()
    checkAppends(appends)
    // Checked before the client sees them: what it can't serialise becomes an unhandled rejection there.
    for (const { stream, events } of appends)
      checkAppendSize(
        stream,
        events.map((event) => codec.encode(event).data),
      )
    const done: (AppendResult | RevisionConflict)[] = []
    for (const together of cut(appends, options)) {
      const outcomes = await Promise.allSettled(together.map(appendOne))
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason
        done.push(outcome.value)
      }
    }
    return done
  }

  const appendOne = async ({
    stream,
    expected,
    events,
  }: StreamAppend): Promise<AppendResult | RevisionConflict> => {
    const before = log.known()
    try {
      const { nextExpectedRevision, position } = await server.appends.run(() =>
        appendOnce(server, `${prefix}${stream}`, expected, events),
      )
      // What is new lies beyond everything that was known, and nobody else was told that it is; anything else was there
      // already.
      if (position !== undefined && position.commit > before && isFirst(events.at(-1)?.id ?? '')) {
        const at = log.saw(position.commit)
        return { revision: nextExpectedRevision, position: at, repeated: false }
      }
      const [last] = await readStream(stream, nextExpectedRevision - 1n)
      if (last === undefined) throw new Error(`stream ${stream} lacks what was appended to it`)
      return { revision: last.revision, position: last.position, repeated: true }
    } catch (error) {
      if (typeOf(error) === 'wrong-expected-version')
        return new RevisionConflict(stream, expected, await lastRevision(stream))
      if (typeOf(error) === 'maximum-append-size-exceeded')
        throw new AppendTooLarge(stream, events.length, 'more than it takes', undefined)
      throw toStoreError(`append to ${stream}`, error, server)
    }
  }

  const lastRevision = async (stream: string): Promise<ExpectedRevision> => {
    const [last] = await server.collect(`read ${stream}`, (client) =>
      client.readStream(`${prefix}${stream}`, {
        direction: BACKWARDS,
        fromRevision: END,
        maxCount: 1,
      }),
    )
    return last?.revision ?? NO_STREAM
  }

  const readStream = async (
    stream: string,
    after?: Revision,
  ): Promise<readonly RecordedEvent[]> => {
    unlessClosed()
    const events = await server.collect(`read ${stream}`, (client) =>
      client.readStream(
        `${prefix}${stream}`,
        after === undefined ? {} : { fromRevision: after + 1n },
      ),
    )
    return events.map(log.recorded)
  }

  await checkServer(connection, prefixes, CHECK_MILLIS).catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  return {
    append: async (stream, expected, events) =>
      soleOutcome(await appendAll([{ stream, expected, events }])),
    appendAll,
    readStream,
    readStreams: (asks) => Promise.all(asks.map(({ stream, after }) => readStream(stream, after))),
    readAll: async (read) => {
      unlessClosed()
      return await server.pages.run(() => readPage(server, log, read))
    },
    head: async () => {
      unlessClosed()
      return await log.head()
    },
    newest: async () => {
      unlessClosed()
      return await log.newest()
    },
    subscribe: (subscribe) => followLog(server, log, subscribe, options.log ?? (() => {})),
    close: () => server.close(),
  }
}

/** What may be appended side by side, in order. */
const cut = (
  appends: readonly StreamAppend[],
  { inOrder = false, peers }: AppendAllOptions,
): readonly (readonly StreamAppend[])[] => {
  if (!inOrder) return [appends]
  const parts: StreamAppend[][] = []
  let name: string | undefined
  for (const append of appends) {
    const next = peers?.(append.stream)
    const part = parts.at(-1)
    if (part === undefined || next === undefined || next !== name) parts.push([append])
    else part.push(append)
    name = next
  }
  return parts
}
