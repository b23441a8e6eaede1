import { deriveId } from '@portcullis/core'
import {
  deadlineCommand,
  type EntitlementCommand,
  type EntitlementFacts,
  entitlementDecider,
  parseAssignmentId,
} from '@portcullis/domain'
import type { DeadlineView } from '@portcullis/views'
import { alarmSecond, provisionJobs } from '../queues.ts'
import { ENGINE_FACTS } from '../reconcile/engineFacts.ts'
import type { DeadlineDependencies } from './fireDue.ts'

const TIMER = { kind: 'system', id: 'timer' } as const

/**
 * Fires deadlines of different streams, in a few round trips; in the log they lie in their order, those of one second in any. Retries only queue their grants.
 * @returns how many fired for the first time
 */
export const fireWave = async (
  dependencies: Pick<
    DeadlineDependencies,
    'handleMany' | 'states' | 'jobs' | 'log' | 'clock' | 'onFired'
  >,
  wave: readonly DeadlineView[],
): Promise<number> => {
  const { handleMany, jobs, log, clock, onFired } = dependencies
  const grantIds: string[] = []
  const due: (DeadlineView & { readonly command: EntitlementCommand })[] = []
  for (const deadline of wave) {
    const order = deadlineCommand(deadline.key)
    if (order === undefined) log.error({ key: deadline.key }, 'a deadline whose key says nothing')
    else if (order.kind === 'provision') grantIds.push(order.grantId)
    else due.push({ ...deadline, stream: order.stream, command: order.command })
  }
  await jobs.enqueue(provisionJobs(grantIds))
  const seconds = new Map(due.map(({ stream, dueAt }) => [stream, alarmSecond(dueAt)]))
  const factsFor = factsOf(dependencies)
  const outcomes = await handleMany(
    due.map(({ stream, key, command }) => ({
      stream,
      decider: entitlementDecider,
      commands: [{ command, envelope: { commandId: deriveId('deadline', key), actor: TIMER } }],
      facts: () => factsFor(command),
    })),
    { inOrder: true, peers: (stream) => seconds.get(stream) ?? '' },
  )
  const fired = due.filter((_, index) => {
    const [outcome] = outcomes[index]?.outcomes ?? []
    return outcome?.ok === true && !outcome.repeated && outcome.events.length > 0
  })
  const at = clock.now()
  for (const deadline of fired) onFired?.(deadline, at)
  return grantIds.length + fired.length
}

/** Timers rely on nothing but the stream; only a start looks at whether the package is still there (S24). Each package is looked at once. */
const factsOf = ({ states }: Pick<DeadlineDependencies, 'states'>) => {
  const packages = new Map<string, Promise<{ readonly deleted: boolean }>>()
  return async (command: EntitlementCommand): Promise<EntitlementFacts> => {
    if (command.type !== 'StartAssignment') return ENGINE_FACTS
    const packageId = parseAssignmentId(command.assignmentId)?.packageId ?? ''
    const state = packages.get(packageId) ?? states.package(packageId)
    packages.set(packageId, state)
    return { ...ENGINE_FACTS, package: { exists: !(await state).deleted, policies: [] } }
  }
}
