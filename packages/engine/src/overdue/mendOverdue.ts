import { addMillis } from '@portcullis/core'
import type { OverdueView, ProblemFinding, ProblemFindings } from '@portcullis/views'
import type { DeadlineDependencies } from '../deadlines/deadlineDependencies.ts'
import { hasEffect, sendTimers, type Timer, timerOf } from '../deadlines/sendTimers.ts'
import { wavesOf } from '../deadlines/waves.ts'
import { errorText } from '../log.ts'

export interface OverdueDependencies extends DeadlineDependencies {
  readonly problemFindings: Pick<ProblemFindings, 'replace'>
  /** Told of each thing that a sweep found overdue. */
  readonly onOverdue?: ((kind: OverdueView['kind']) => void) | undefined
}

const PAGE = 500
/** Decided and appended together. */
const WAVE = 100
/**
 * What is overdue for less is left to the deadlines, milliseconds: they fire within a second or two, and catch up in
 * their order.
 */
const GRACE = 120_000
/** The same while the view of deadlines is behind the log, which it says, and which is another alarm. */
const GRACE_WHILE_BEHIND = 600_000
/** So many are listed, the longest overdue first; all are made up for. */
const MOST_LISTED = 10_000

/**
 * The second look at time (promises 2 and 5): what should have ended, started or timed out by now, by the assignments
 * and requests themselves and not by the deadlines view, happens by a command under an id that nobody can have used.
 * The stream decides: what the view shows although it isn't so any more comes to nothing. What was found is listed as
 * an open problem until a sweep finds it no more.
 * @param behind whether the view of deadlines is known to be behind the log
 * @returns how many were found
 */
export const mendOverdue = async (
  dependencies: OverdueDependencies,
  behind: boolean,
  signal: AbortSignal,
): Promise<number> => {
  const { views, clock, turns, log, onOverdue, problemFindings } = dependencies
  const dueBefore = addMillis(clock.now(), -(behind ? GRACE_WHILE_BEHIND : GRACE))
  const found: ProblemFinding[] = []
  for (let after: OverdueView | undefined; !signal.aborted; ) {
    const page: readonly OverdueView[] = await turns.take(signal, async () => {
      const overdue = await views.overdue({ dueBefore, limit: PAGE, after })
      for (const mended of await mend(dependencies, overdue)) {
        log.error(
          {
            key: mended.overdue.key,
            dueAt: mended.overdue.dueAt,
            mended: mended.why === undefined,
          },
          'its time had passed, and nothing had happened',
        )
        onOverdue?.(mended.overdue.kind)
        found.push(findingOf(mended))
      }
      return overdue
    })
    after = page.at(-1)
    if (page.length < PAGE) {
      const listed = [...found.slice(0, MOST_LISTED), ...(await rollOutsBehind(dependencies))]
      await problemFindings.replace('overdue', listed)
      break
    }
  }
  return found.length
}

/** Changes of roles that each sweep queues again, and that nobody gets to. */
const rollOutsBehind = async ({
  views,
  clock,
}: OverdueDependencies): Promise<readonly ProblemFinding[]> => {
  const now = clock.now()
  const updatedBefore = addMillis(now, -GRACE_WHILE_BEHIND)
  const ids = await views.overdueRollOuts({ updatedBefore, now, limit: PAGE })
  return ids.map((packageId) => ({
    key: `roll-out:${packageId}`,
    since: updatedBefore,
    packageId,
    code: 'overdue.roll-out',
    message:
      'The roll-out of a change of this package’s roles should have started by now; each sweep queues it again.',
  }))
}

interface Mended {
  readonly overdue: OverdueView
  /** Why it is still so; undefined when it isn't. */
  readonly why: string | undefined
}

/** @returns those that were overdue in truth */
const mend = async (
  dependencies: OverdueDependencies,
  overdue: readonly OverdueView[],
): Promise<readonly Mended[]> => {
  const mended: Mended[] = []
  for (const wave of wavesOf(overdue.map(withTimer), WAVE)) {
    const answers = await sendAll(dependencies, wave)
    for (const [index, each] of wave.entries()) {
      const answer = answers[index]
      if (answer instanceof Error) mended.push({ overdue: each, why: errorText(answer) })
      else if (hasEffect(answer)) mended.push({ overdue: each, why: undefined })
      else if (answer?.ok === false) mended.push({ overdue: each, why: answer.refusal.message })
    }
  }
  return mended
}

type Timed = OverdueView & Timer

const withTimer = (overdue: OverdueView): Timed => {
  const timer = timerOf(overdue)
  if (timer === undefined) throw new Error(`the overdue key ${overdue.key} says nothing`)
  return { ...overdue, ...timer }
}

type Answer = Awaited<ReturnType<typeof sendTimers>>[number] | Error

/**
 * All together; where that fails, each separately, so that a stream that can't be read or written holds none of the
 * others back.
 */
const sendAll = async (
  dependencies: OverdueDependencies,
  wave: readonly Timed[],
): Promise<readonly Answer[]> => {
  try {
    return await sendTimers(dependencies, wave, dependencies.newId)
  } catch {
    const answers: Answer[] = []
    for (const timer of wave) {
      const [answer] = await sendTimers(dependencies, [timer], dependencies.newId).catch(
        (own: unknown) => [own instanceof Error ? own : new Error(String(own))],
      )
      if (answer !== undefined) answers.push(answer)
    }
    return answers
  }
}

const WORDS = {
  expiry: { code: 'overdue.end', should: 'This assignment should have ended', done: 'ended it' },
  start: {
    code: 'overdue.start',
    should: 'This assignment should have started',
    done: 'started it',
  },
  approval: {
    code: 'overdue.approval',
    should: 'This request should have timed out',
    done: 'timed it out',
  },
} as const

const findingOf = ({ overdue, why }: Mended): ProblemFinding => {
  const { code, should, done } = WORDS[overdue.kind]
  const { key, id, dueAt, packageId, subjectId } = overdue
  return {
    key,
    since: dueAt,
    packageId,
    subjectId,
    ...(overdue.kind === 'approval' ? { requestIds: [id] } : { assignmentIds: [id] }),
    code,
    message:
      why === undefined
        ? `${should} at ${dueAt}, and its timer did nothing; the sweep has ${done}.`
        : `${should} at ${dueAt}, and it can't be made up for: ${why}`,
  }
}
