import { type Position, START } from '@portcullis/core'
import { digestOf, isSame, type LogDigest } from './logDigest.ts'
import { LogChanged, NotACopy, type StoredEvent, type StoredLog } from './storedLog.ts'

/** compare: what the target holds already is looked through · copy · verify: both logs are read once more */
export type MovePhase = 'compare' | 'copy' | 'verify'

export interface MoveProgress {
  readonly phase: MovePhase
  /** Events that this phase has done. */
  readonly done: number
  /** All that it has to do, as far as is known: a store that doesn't count its events is guessed by positions. */
  readonly total: number
}

export interface MoveOptions {
  readonly source: StoredLog
  readonly target: StoredLog
  /** Looks, and writes nothing. */
  readonly dryRun?: boolean
  readonly onProgress?: (progress: MoveProgress) => void
}

export interface Moved {
  /** Events that the target held before. */
  readonly found: number
  /** Events that were written. */
  readonly copied: number
  /** Of both logs, read to their ends; undefined after a dry run. */
  readonly verified: LogDigest | undefined
}

/**
 * Copies a log behind what of it the target holds already, then reads both to their ends and compares their digests. In
 * bounded memory.
 * Nothing is remembered between two runs: what the target holds is itself the state, and is compared event by event
 * before anything is written. So a move that was killed goes on where it was, without a gap and without a repetition.
 * @throws NotACopy when the target holds anything else; LogChanged when somebody writes to either; LogOutOfOrder;
 *   EventStoreUnavailable
 */
export const moveLog = async (options: MoveOptions): Promise<Moved> => {
  const { source, target, dryRun = false, onProgress = () => {} } = options
  const sourceEnd = await source.end()
  const size = sizeBy(sourceEnd)
  const found = await compare(source, target, (done, at) =>
    onProgress({ phase: 'compare', done, total: size(done, at) }),
  )
  if (dryRun) return { found: found.events, copied: 0, verified: undefined }

  let events = found.events
  for await (const page of onePageAhead(source.pages(found.position))) {
    await target.fill(page, events)
    events += page.length
    const at = page.at(-1)?.position ?? START
    onProgress({ phase: 'copy', done: events, total: Math.max(events, size(events, at)) })
  }

  const read = [0, 0]
  const tell = (which: 0 | 1) => (done: number) => {
    read[which] = done
    onProgress({ phase: 'verify', done: Math.min(...read), total: events })
  }
  const [there, here] = await Promise.all([
    digestOf(source.pages(START), tell(0)),
    digestOf(target.pages(START), tell(1)),
  ])
  if (there.events !== events)
    throw new LogChanged(source.name, `it holds ${there.events} events, ${events} were moved`)
  if (here.events !== events)
    throw new LogChanged(target.name, `it holds ${here.events} events, ${events} were moved`)
  if (here.digest !== there.digest)
    throw new NotACopy(target.name, source.name, `digest ${here.digest}, not ${there.digest}`)
  return { found: found.events, copied: events - found.events, verified: here }
}

/** How many events a log holds: what it says, or by the share of its positions that so many take. */
const sizeBy =
  ({ position, events }: Awaited<ReturnType<StoredLog['end']>>) =>
  (done: number, at: Position): number => {
    if (events !== undefined) return events
    return at === START ? done : Math.round((done * Number(position)) / Number(at))
  }

/**
 * Reads both side by side for as long as the target goes.
 * @returns how many events it holds, and where the source goes on
 */
const compare = async (
  source: StoredLog,
  target: StoredLog,
  tell: (events: number, at: Position) => void,
): Promise<{ readonly events: number; readonly position: Position }> => {
  const originals = oneByOne(source.pages(START))
  let events = 0
  let position = START
  try {
    for await (const page of target.pages(START)) {
      for (const copy of page) {
        const { value: original } = await originals.next()
        if (original === undefined)
          throw new NotACopy(target.name, source.name, `it goes on behind event ${events}`)
        if (!isSame(original, copy))
          throw new NotACopy(
            target.name,
            source.name,
            `its event ${events + 1} is ${wordsFor(copy)}, not ${wordsFor(original)}`,
          )
        events += 1
        position = original.position
      }
      tell(events, position)
    }
  } finally {
    await originals.return(undefined)
  }
  return { events, position }
}

/** Reads the next page while this one is worked on. */
async function* onePageAhead<Page>(
  pages: AsyncGenerator<Page, void, undefined>,
): AsyncGenerator<Page, void, undefined> {
  let next = pages.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done === true) return
      next = pages.next()
      // Told when it is waited for.
      next.catch(() => {})
      yield value
    }
  } finally {
    await pages.return()
  }
}

async function* oneByOne(
  pages: AsyncIterable<readonly StoredEvent[]>,
): AsyncGenerator<StoredEvent, undefined, undefined> {
  for await (const page of pages) yield* page
  return undefined
}

const wordsFor = ({ type, stream, revision, id }: StoredEvent): string =>
  `${type} ${id} at ${stream}/${revision}`
