// A test tool, not EventStoreDB: reads and subscriptions.
import { once } from 'node:events'
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { type ServerWritableStream, status } from '@grpc/grpc-js'
import { failure } from './doubleAppends.ts'
import type { DoubleEvent } from './doubleEvent.ts'
import type { DoubleFaults } from './doubleFaults.ts'
import type { DoubleLog } from './doubleLog.ts'
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  notFoundMessage,
} from './doubleMessages.ts'

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>

/** How many events a server looks at between two checkpoints, times the client's multiplier. */
const SEARCH_WINDOW = 32
/** Events that a live subscription may be behind. */
const LIVE_BUFFER = 32

/** Answers one read or subscription until its end. */
export const answerRead = async (
  call: ReadCall,
  log: DoubleLog,
  faults: DoubleFaults,
  signal: AbortSignal,
  onRead: () => void = () => {},
): Promise<void> => {
  const options = call.request.getOptions()
  if (options === undefined) throw new Error('a read without options')
  if (options.hasSubscription()) return await follow(call, options, log, faults, signal)
  const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS
  const events = options.hasStream() ? inStream(call, options, log) : log.all
  if (events === undefined) return
  if (!options.hasStream()) unlessNoRecord(options, log)
  const first = options.hasStream()
    ? firstInStream(options, events, backwards)
    : firstInAll(options, events, backwards)
  const step = backwards ? -1 : 1
  const count = Number(options.getCount())
  for (let given = 0; given < count && !signal.aborted; given += 1) {
    const event = events[first + step * given]
    if (event === undefined) return
    onRead()
    await write(call, eventMessage(event), signal)
  }
}

const inStream = (
  call: ReadCall,
  options: ReadReq.Options,
  log: DoubleLog,
): readonly DoubleEvent[] | undefined => {
  const stream = options.getStream()
  const name = Buffer.from(stream?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()
  const events = log.stream(name)
  if (events.length > 0) return events
  call.write(notFoundMessage(name))
  return undefined
}

const firstInStream = (
  options: ReadReq.Options,
  { length }: readonly DoubleEvent[],
  backwards: boolean,
): number => {
  const stream = options.getStream()
  if (stream?.hasRevision() === true) return Number(stream.getRevision())
  return backwards ? length - 1 : 0
}

/** Reads are inclusive, of the position itself too; backwards they begin before it. */
const firstInAll = (
  options: ReadReq.Options,
  events: readonly DoubleEvent[],
  backwards: boolean,
): number => {
  const position = options.getAll()?.getPosition()
  if (position === undefined) return backwards ? events.length - 1 : 0
  const at = firstAfter(events, Number(position.getCommitPosition()) - 1)
  return backwards ? at - 1 : at
}

/** Subscriptions are exclusive, filtered here, and never end by themselves. */
const follow = async (
  call: ReadCall,
  options: ReadReq.Options,
  log: DoubleLog,
  faults: DoubleFaults,
  signal: AbortSignal,
): Promise<void> => {
  unlessNoRecord(options, log)
  await write(call, confirmationMessage(crypto.randomUUID()), signal)
  const filter = options.getFilter()
  const prefixes = filter?.getStreamIdentifier()?.getPrefixList() ?? []
  const interval = SEARCH_WINDOW * (filter?.getCheckpointintervalmultiplier() ?? 1)
  const all = options.getAll()
  const from = all?.getPosition()?.getCommitPosition()
  let next = all?.hasEnd()
    ? log.all.length
    : from === undefined
      ? 0
      : firstAfter(log.all, Number(from))
  let live = false
  let looked = 0
  while (!signal.aborted) {
    const event = log.all[next]
    if (event === undefined) {
      const last = log.all.at(-1)
      if (!live && filter !== undefined && last !== undefined)
        await write(call, checkpointMessage(last.position), signal)
      if (!live && !faults.neverCaughtUp) await write(call, caughtUpMessage(), signal)
      live = true
      await log.changed(signal)
      // As a server whose live buffer has run over: back to reading, and caught up once more.
      if (log.all.length - next > LIVE_BUFFER) live = false
      continue
    }
    next += 1
    looked += 1
    if (prefixes.length === 0 || prefixes.some((prefix) => event.stream.startsWith(prefix))) {
      if (faults.cutAfterEvents === 0) {
        faults.cutAfterEvents = undefined
        throw Object.assign(new Error('the node is going away'), { code: status.UNAVAILABLE })
      }
      if (faults.cutAfterEvents !== undefined) faults.cutAfterEvents -= 1
      await write(call, eventMessage(event), signal)
      if (faults.deliverTwice > 0) {
        faults.deliverTwice -= 1
        await write(call, eventMessage(event), signal)
      }
    }
    if (filter !== undefined && looked % interval === 0)
      await write(call, checkpointMessage(event.position), signal)
  }
}

/** A server goes only to places at which it has a record. */
const unlessNoRecord = (options: ReadReq.Options, log: DoubleLog): void => {
  const position = options.getAll()?.getPosition()?.getCommitPosition()
  if (position === undefined) return
  const at = Number(position)
  const found = log.all[firstAfter(log.all, at - 1)]
  if (at > 0 && found?.position !== at) throw failure(status.INVALID_ARGUMENT, 'Invalid position')
}

/** Index of the first event behind a position. */
const firstAfter = (events: readonly DoubleEvent[], position: number): number => {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle]?.position ?? 0) <= position) low = middle + 1
    else high = middle
  }
  return low
}

const write = async (call: ReadCall, answer: ReadResp, signal: AbortSignal): Promise<void> => {
  if (call.write(answer) || signal.aborted) return
  await once(call, 'drain', { signal }).catch(() => {})
}
