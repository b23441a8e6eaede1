import { type AppendResult, isRevisionConflict } from '@portcullis/core'
import { EventStoreClosed } from '../errors.ts'
import type { Append, AppendOutcome } from './appendSession.ts'

/** Most events and most bytes of JSON that are committed together; a single append may be larger and then goes alone. */
const MAX_EVENTS = 1_000
const MAX_BYTES = 8 * 1024 * 1024

interface Waiting extends Append {
  readonly bytes: number
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: unknown) => void
}

export interface GroupCommit {
  append(append: Append): Promise<AppendResult>
  /** Refuses new appends and waits for those under way. */
  close(): Promise<void>
}

/**
 * Commits the appends of concurrent callers together: while one group is on its way, the next one gathers.
 * A group holds at most one append of a stream; a second one waits for the next group, behind the first.
 * @param commit writes a group; an error fails the whole group, unless `blames` says that it is about the group's content:
 *   then each append is committed alone, so that only the guilty one fails
 */
export const createGroupCommit = (
  commit: (group: readonly Append[]) => Promise<readonly AppendOutcome[]>,
  blames: (error: unknown) => boolean,
): GroupCommit => {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let closed = false
  // Whether several callers were at it lately.
  let crowded = false

  const nextGroup = (): readonly Waiting[] => {
    const group: Waiting[] = []
    const left: Waiting[] = []
    const streams = new Set<string>()
    let events = 0
    let bytes = 0
    for (const append of waiting) {
      const fits = events + append.events.length <= MAX_EVENTS && bytes + append.bytes <= MAX_BYTES
      if (streams.has(append.stream) || (group.length > 0 && !fits)) left.push(append)
      else {
        group.push(append)
        events += append.events.length
        bytes += append.bytes
      }
      streams.add(append.stream)
    }
    waiting = left
    return group
  }

  const commitGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const outcomes = await commit(group)
      for (const [index, append] of group.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined) append.reject(new Error('the store gave no outcome'))
        else if (isRevisionConflict(outcome)) append.reject(outcome)
        else append.resolve(outcome)
      }
    } catch (error) {
      if (group.length > 1 && blames(error)) for (const append of group) await commitGroup([append])
      else for (const append of group) append.reject(error)
    }
  }

  const run = async (): Promise<void> => {
    do {
      // Those that the last group woke get to append first, so that all go together.
      if (crowded) await new Promise(setImmediate)
      const group = nextGroup()
      await commitGroup(group)
      crowded = group.length > 1 || waiting.length > 0
    } while (waiting.length > 0)
    running = undefined
  }

  return {
    append: (append) => {
      if (closed) return Promise.reject(new EventStoreClosed())
      const { promise, resolve, reject } = Promise.withResolvers<AppendResult>()
      let bytes = 0
      for (const event of append.events) bytes += event.data.length + event.metadata.length
      waiting.push({ ...append, bytes, resolve, reject })
      running ??= run()
      return promise
    },
    close: async () => {
      closed = true
      await running
    },
  }
}
