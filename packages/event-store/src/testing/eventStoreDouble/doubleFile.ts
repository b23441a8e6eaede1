// A test tool, not EventStoreDB: the file that the double keeps its events in, a line of JSON each. Of an event in a file only what is looked for stays in memory.
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import type { DoubleEvent } from './doubleLog.ts'

const CHUNK = 1024 * 1024
const LINE_FEED = 10

/** Reads what is large from the file when it is asked for. */
class FiledEvent implements DoubleEvent {
  readonly stream: string
  readonly revision: number
  readonly position: number
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly created: string
  private readonly file: number
  private readonly from: number
  private readonly bytes: number

  constructor(event: DoubleEvent, file: number, from: number, bytes: number) {
    this.stream = event.stream
    this.revision = event.revision
    this.position = event.position
    this.id = event.id
    this.type = event.type
    this.contentType = event.contentType
    this.created = event.created
    this.file = file
    this.from = from
    this.bytes = bytes
  }

  private line(): DoubleEvent {
    const line = Buffer.allocUnsafe(this.bytes)
    readSync(this.file, line, 0, this.bytes, this.from)
    return JSON.parse(line.toString())
  }

  get data(): string {
    return this.line().data
  }
  get metadata(): string {
    return this.line().metadata
  }
}

export interface DoubleFile {
  /** Writes them, and returns them as they stay in memory. */
  write(events: readonly DoubleEvent[]): readonly DoubleEvent[]
  close(): void
}

/** @param found told of every event that is there already, in order: as it stays in memory, and as it is in the file */
export const openDoubleFile = (
  path: string,
  found: (event: DoubleEvent, record: DoubleEvent) => void,
): DoubleFile => {
  const file = openSync(path, 'a+')
  let end = 0
  const keep = (event: DoubleEvent, bytes: number): DoubleEvent => {
    const kept = new FiledEvent(event, file, end, bytes)
    end += bytes
    return kept
  }
  // The last line may be cut off by a kill: what wasn't written whole was never acknowledged, and what comes next must not stand behind it.
  let rest = Buffer.alloc(0)
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const read = readSync(file, chunk, 0, CHUNK, at)
    if (read === 0) break
    at += read
    rest = Buffer.concat([rest, chunk.subarray(0, read)])
    for (let length = rest.indexOf(LINE_FEED) + 1; length > 0; ) {
      const record: DoubleEvent = JSON.parse(rest.toString('utf8', 0, length))
      found(keep(record, length), record)
      rest = rest.subarray(length)
      length = rest.indexOf(LINE_FEED) + 1
    }
  }
  if (rest.length > 0) ftruncateSync(file, end)
  return {
    write: (events) => {
      const lines = events.map((event) => Buffer.from(`${JSON.stringify(event)}\n`))
      writeSync(file, Buffer.concat(lines))
      return events.map((event, index) => keep(event, lines[index]?.length ?? 0))
    },
    close: () => closeSync(file),
  }
}
