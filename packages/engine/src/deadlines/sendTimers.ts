import type { CommandOutcome } from '@portcullis/core'
import {
  deadlineCommand,
  type EntitlementEvent,
  type EntitlementFacts,
  type EntitlementState,
  entitlementDecider,
  parseAssignmentId,
  type TimerCommand,
} from '@portcullis/domain'
import { ENGINE_FACTS } from '../facts/engineFacts.ts'
import { alarmSecond } from '../queues.ts'
import type { DeadlineDependencies } from './deadlineDependencies.ts'

const TIMER = { kind: 'system', id: 'timer' } as const

/** What a timer has to say, and to which stream. */
export interface Timer {
  readonly key: string
  readonly dueAt: string
  readonly stream: string
  readonly command: TimerCommand
}

/** The timer of a deadline's key; undefined for a key that says nothing, and for a retry, which has no command. */
export const timerOf = ({ key, dueAt }: Pick<Timer, 'key' | 'dueAt'>): Timer | undefined => {
  const order = deadlineCommand(key)
  return order?.kind === 'command'
    ? { key, dueAt, stream: order.stream, command: order.command }
    : undefined
}

type Outcome = CommandOutcome<EntitlementState, EntitlementEvent>

export type TimerDependencies = Pick<
  DeadlineDependencies,
  'handleMany' | 'states' | 'directory' | 'log' | 'newId' | 'onWithoutEffect'
>

/**
 * Sends the commands of timers of different streams, in a few round trips; in the log they lie in their order, those of
 * one second in any.
 * One that comes back as done before, or as refused, is sent once more under an id that nobody can have used: does that
 * one change something, then the log held the timer's id without its effect, which is an error, and is made up for.
 * @returns an outcome for each, in order
 */
export const sendTimers = async (
  dependencies: TimerDependencies,
  timers: readonly Timer[],
  commandIdOf: (timer: Timer) => string,
): Promise<readonly Outcome[]> => {
  const { handleMany, log, newId, onWithoutEffect } = dependencies
  const seconds = new Map(timers.map(({ stream, dueAt }) => [stream, alarmSecond(dueAt)]))
  const factsFor = factsOf(dependencies)
  const send = async (some: readonly Timer[], idOf: (timer: Timer) => string) => {
    const answers = await handleMany(
      some.map((timer) => ({
        stream: timer.stream,
        decider: entitlementDecider,
        commands: [{ command: timer.command, envelope: { commandId: idOf(timer), actor: TIMER } }],
        facts: () => factsFor(timer.command),
      })),
      { inOrder: true, peers: (stream) => seconds.get(stream) ?? '' },
    )
    return answers.map(({ outcomes: [outcome] }) => {
      if (outcome === undefined) throw new Error('a timer has no outcome')
      return outcome
    })
  }
  const outcomes = [...(await send(timers, commandIdOf))]
  const doubtful = timers.flatMap((timer, index) =>
    isDoubtful(outcomes[index]) ? [{ timer, index }] : [],
  )
  if (doubtful.length === 0) return outcomes
  const again = await send(
    doubtful.map(({ timer }) => timer),
    newId,
  )
  for (const [place, { timer, index }] of doubtful.entries()) {
    const outcome = again[place]
    if (outcome === undefined || !hasEffect(outcome)) continue
    log.error(
      { key: timer.key, stream: timer.stream, command: timer.command.type },
      'a timer was told to be done already, and the log did not show it: it was sent again under a new id',
    )
    onWithoutEffect?.(timer.command.type)
    outcomes[index] = outcome
  }
  return outcomes
}

/** Whether this very sending changed something. */
export const hasEffect = (outcome: Outcome | undefined): boolean =>
  outcome?.ok === true && !outcome.repeated && outcome.events.length > 0

const isDoubtful = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && (!outcome.ok || outcome.repeated)

/**
 * Timers rely on nothing but the stream; only a start looks at whether the package (S24) and the subject are still
 * there. Each package is looked at once.
 */
const factsOf = ({ states, directory }: Pick<DeadlineDependencies, 'states' | 'directory'>) => {
  const packages = new Map<string, Promise<{ readonly deleted: boolean }>>()
  return async (command: TimerCommand): Promise<EntitlementFacts> => {
    if (command.type !== 'StartAssignment') return ENGINE_FACTS
    const { packageId = '', subjectId = '' } = parseAssignmentId(command.assignmentId) ?? {}
    const gone = (await directory.leftAmong([subjectId])).has(subjectId)
    const state = packages.get(packageId) ?? states.package(packageId)
    packages.set(packageId, state)
    return {
      ...ENGINE_FACTS,
      package: { exists: !(await state).deleted, policies: [] },
      subject: { exists: true, enabled: !gone },
    }
  }
}
