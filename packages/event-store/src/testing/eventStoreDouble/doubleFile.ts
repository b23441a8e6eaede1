// A test tool, not EventStoreDB: the file that the double keeps its events in, a line of JSON each. Of an event in a
// file only what is looked for stays in memory.
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import type { DoubleEvent, DoubleRecord, EventContent } from './doubleEvent.ts'

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
  private readonly file: LineReader
  private readonly from: number
  private readonly bytes: number

  constructor(record: DoubleRecord, file: LineReader, from: number, bytes: number) {
    this.stream = record.stream
    this.revision = record.revision
    this.position = record.position
    this.id = record.id
    this.type = record.type
    this.contentType = record.contentType
    this.created = record.created
    this.file = file
    this.from = from
    this.bytes = bytes
  }

  content(): EventContent {
    return contentOf(JSON.parse(this.file.read(this.from, this.bytes)))
  }
}

export const contentOf = ({
  data,
  metadata,
}: Pick<DoubleRecord, 'data' | 'metadata'>): EventContent => ({
  data: Buffer.from(data, 'base64'),
  metadata: Buffer.from(metadata, 'base64'),
})

interface LineReader {
  read(from: number, bytes: number): string
}

/** Keeps the part of the file that was read last: events are mostly asked for one behind the other. */
const openLineReader = (file: number): LineReader => {
  const part = Buffer.alloc(CHUNK)
  let begin = 0
  let length = 0
  return {
    read: (from, bytes) => {
      if (from < begin || from + bytes > begin + length) {
        const whole = bytes <= CHUNK ? part : Buffer.alloc(bytes)
        const read = readSync(file, whole, 0, whole.length, from)
        if (whole !== part) return whole.toString('utf8', 0, bytes)
        begin = from
        length = read
      }
      return part.toString('utf8', from - begin, from - begin + bytes)
    },
  }
}

export interface DoubleFile {
  /** Writes them, and returns them as they stay in memory. */
  write(records: readonly DoubleRecord[]): readonly DoubleEvent[]
  close(): void
}

/** @param found told of every event that is there already, in order: as it stays in memory, and as it is in the file */
export const openDoubleFile = (
  path: string,
  found: (event: DoubleEvent, record: DoubleRecord) => void,
): DoubleFile => {
  const file = openSync(path, 'a+')
  let end = 0
  const lines = openLineReader(file)
  const keep = (record: DoubleRecord, bytes: number): DoubleEvent => {
    const kept = new FiledEvent(record, lines, end, bytes)
    end += bytes
    return kept
  }
  // The last line may be cut off by a kill: what wasn't written whole was never acknowledged, and what comes next must
  // not stand behind it.
  let rest = Buffer.alloc(0)
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const read = readSync(file, chunk, 0, CHUNK, at)
    if (read === 0) break
    at += read
    rest = Buffer.concat([rest, chunk.subarray(0, read)])
    for (let length = rest.indexOf(LINE_FEED) + 1; length > 0; ) {
      const record: DoubleRecord = JSON.parse(rest.toString('utf8', 0, length))
      found(keep(record, length), record)
      rest = rest.subarray(length)
      length = rest.indexOf(LINE_FEED) + 1
    }
  }
  if (rest.length > 0) ftruncateSync(file, end)
  return {
    write: (records) => {
      const written = records.map((record) => Buffer.from(`${JSON.stringify(record)}\n`))
      writeSync(file, Buffer.concat(written))
      return records.map((record, index) => keep(record, written[index]?.length ?? 0))
    },
    close: () => closeSync(file),
  }
}
