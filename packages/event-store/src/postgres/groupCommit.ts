import type { AppendAllOptions } from '@portcullis/core'
import { EventStoreClosed } from '../errors.ts'
import type { Append, AppendOutcome } from './appendSession.ts'

/**
 * Most events and most bytes of JSON that are committed together; a single append may be larger and then goes alone.
 */
const MAX_EVENTS = 1_000
const MAX_BYTES = 8 * 1024 * 1024

/** What came together, until all of it is settled. */
interface Call {
  readonly inOrder: boolean
  readonly outcomes: AppendOutcome[]
  left: number
  failed: { readonly error: unknown } | undefined
  readonly settled: PromiseWithResolvers<readonly AppendOutcome[]>
}

interface Waiting {
  readonly append: Append
  readonly bytes: number
  readonly call: Call
  /** Place in the call. */
  readonly index: number
}

const settle = (
  { call, index }: Waiting,
  outcome: AppendOutcome | { readonly error: unknown },
): void => {
  if ('error' in outcome) call.failed ??= outcome
  else call.outcomes[index] = outcome
  call.left -= 1
  if (call.left > 0) return
  if (call.failed === undefined) call.settled.resolve(call.outcomes)
  else call.settled.reject(call.failed.error)
}

export interface GroupCommit {
  /**
   * Adds the appends together, so that they go in as few groups as hold them.
   * @param options.inOrder none gets into the log before one that was given before it
   * @returns an outcome for each, in order; an error of any of them fails the call once all have been tried
   */
  appendAll(
    appends: readonly Append[],
    options?: AppendAllOptions,
  ): Promise<readonly AppendOutcome[]>
  /** Refuses new appends and waits for those under way. */
  close(): Promise<void>
}

/**
 * Commits the appends of concurrent callers together: while one group is on its way, the next one gathers.
 * A group holds at most one append of a stream; a second one waits for the next group, behind the first.
 * @param commit writes a group; an error fails the whole group, unless `blames` says that it is about the group's
 *   content: then each append is committed alone, so that only the guilty one fails
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
    // Where the order matters, what comes behind one that waits waits as well.
    const held = new Set<Call>()
    for (const one of waiting) {
      const { append, call } = one
      const fits = events + append.events.length <= MAX_EVENTS && bytes + one.bytes <= MAX_BYTES
      const waits = streams.has(append.stream) || (group.length > 0 && !fits)
      if (waits || held.has(call)) {
        left.push(one)
        if (call.inOrder) held.add(call)
      } else {
        group.push(one)
        events += append.events.length
        bytes += one.bytes
      }
      streams.add(append.stream)
    }
    waiting = left
    return group
  }

  const commitGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const outcomes = await commit(group.map(({ append }) => append))
      for (const [index, one] of group.entries())
        settle(one, outcomes[index] ?? { error: new Error('the store gave no outcome') })
    } catch (error) {
      if (group.length > 1 && blames(error)) for (const one of group) await commitGroup([one])
      else for (const one of group) settle(one, { error })
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
    appendAll: async (appends, { inOrder = false } = {}) => {
      if (closed) throw new EventStoreClosed()
      if (appends.length === 0) return []
      const call: Call = {
        inOrder,
        outcomes: [],
        left: appends.length,
        failed: undefined,
        settled: Promise.withResolvers(),
      }
      for (const [index, append] of appends.entries()) {
        let bytes = 0
        for (const event of append.events) bytes += event.data.length + event.metadata.length
        waiting.push({ append, bytes, call, index })
      }
      running ??= run()
      return call.settled.promise
    },
    close: async () => {
      closed = true
      await running
    },
  }
}
