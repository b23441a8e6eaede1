// A test tool, not EventStoreDB: what the double keeps. Semantics from the server's source (IndexWriter.CheckCommit of
// 24.6).
import type { DoubleEvent, DoubleRecord, ProposedEvent } from './doubleEvent.ts'
import { contentOf, openDoubleFile } from './doubleFile.ts'

export type Expected = number | 'no-stream' | 'any' | 'stream-exists'

export type DoubleAppend =
  | {
      readonly ok: true
      /** -1: nothing was appended to a stream that isn't there. */
      readonly revision: number
      readonly position: number
      /** It was there already. */
      readonly repeated: boolean
    }
  | { readonly ok: false; readonly current: number | undefined }

export interface DoubleLog {
  readonly all: readonly DoubleEvent[]
  stream(name: string): readonly DoubleEvent[]
  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): DoubleAppend
  /** Resolves at the next append, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>
  close(): void
}

const SYSTEM: ProposedEvent = {
  id: '00000000-0000-4000-8000-000000000001',
  type: '$EpochInformation',
  contentType: 'application/json',
  data: Buffer.from('{}').toString('base64'),
  metadata: '',
}
const RECORD_OVERHEAD = 96
const TICKS_PER_MILLISECOND = 10_000n

/** @param file where the events are kept, so that they are there after a restart; in memory only when absent */
export const createDoubleLog = (file: string | undefined): DoubleLog => {
  const all: DoubleEvent[] = []
  const streams = new Map<string, DoubleEvent[]>()
  let waiting: (() => void)[] = []
  let end = 0

  const place = (event: DoubleEvent): void => {
    all.push(event)
    const inStream = streams.get(event.stream)
    if (inStream === undefined) streams.set(event.stream, [event])
    else inStream.push(event)
  }

  const write = (stream: string, proposed: readonly ProposedEvent[]): DoubleEvent => {
    const created = (BigInt(Date.now()) * TICKS_PER_MILLISECOND).toString()
    const revision = streams.get(stream)?.length ?? 0
    const records: DoubleRecord[] = []
    for (const [index, event] of proposed.entries()) {
      records.push({ ...event, stream, revision: revision + index, position: end, created })
      end += RECORD_OVERHEAD + event.data.length + event.metadata.length
    }
    const events = kept?.write(records) ?? records.map(inMemory)
    for (const event of events) place(event)
    const last = events.at(-1)
    if (last === undefined) throw new Error('nothing to append')
    for (const wake of waiting.splice(0)) wake()
    return last
  }

  const decide = (
    stream: string,
    expected: Expected,
    events: readonly ProposedEvent[],
  ): DoubleAppend => {
    const existing = streams.get(stream) ?? []
    const current = existing.at(-1)?.revision
    const wrong: DoubleAppend = { ok: false, current }
    if (expected === 'stream-exists' && current === undefined) return wrong
    const exact = expected === 'no-stream' ? -1 : expected
    if (typeof exact === 'number' && exact !== (current ?? -1)) {
      const there = existing.slice(exact + 1, exact + 1 + events.length)
      const repeated =
        events.length > 0 &&
        there.length === events.length &&
        there.every(({ id }, index) => id === events[index]?.id)
      const last = there.at(-1)
      return repeated && last !== undefined
        ? { ok: true, revision: last.revision, position: last.position, repeated: true }
        : wrong
    }
    // Whatever is written into the log then, no stream holds it.
    if (events.length === 0)
      return {
        ok: true,
        revision: current ?? -1,
        position: all.at(-1)?.position ?? 0,
        repeated: false,
      }
    const known =
      expected === 'any' || expected === 'stream-exists' ? lately(existing, events) : undefined
    if (known === 'other') return wrong
    if (known !== undefined)
      return { ok: true, revision: known.revision, position: known.position, repeated: true }
    const last = write(stream, events)
    return { ok: true, revision: last.revision, position: last.position, repeated: false }
  }

  const kept =
    file === undefined
      ? undefined
      : openDoubleFile(file, (event, record) => {
          place(event)
          end = event.position + RECORD_OVERHEAD + record.data.length + record.metadata.length
        })
  // A server's log begins with events of its own.
  if (all.length === 0) write('$epoch-information', [SYSTEM])

  return {
    all,
    stream: (name) => streams.get(name) ?? [],
    append: decide,
    changed: (signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake)
          waiting = waiting.filter((other) => other !== wake)
          resolve()
        }
        if (signal.aborted) return resolve()
        waiting.push(wake)
        signal.addEventListener('abort', wake, { once: true })
      }),
    close: () => kept?.close(),
  }
}

const inMemory = ({ data, metadata, ...head }: DoubleRecord): DoubleEvent => {
  const content = contentOf({ data, metadata })
  return { ...head, content: () => content }
}

/**
 * Without an exact revision a server looks for the first event's id among those that it remembers: the rest must follow
 * it, or the append is refused.
 */
const lately = (
  existing: readonly DoubleEvent[],
  events: readonly ProposedEvent[],
): DoubleEvent | 'other' | undefined => {
  const first = existing.findIndex(({ id }) => id === events[0]?.id)
  if (first === -1) return undefined
  const there = existing.slice(first, first + events.length)
  const same =
    there.length === events.length && there.every(({ id }, index) => id === events[index]?.id)
  return (same ? there.at(-1) : undefined) ?? 'other'
}
