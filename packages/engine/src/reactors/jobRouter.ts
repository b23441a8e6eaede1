import { formatPosition, type NewJob, type RecordedEvent, toMillis } from '@portcullis/core'
import { deadlinesOf, type PortcullisEvent, parseAssignmentId } from '@portcullis/domain'
import { alarmJob, fanOutJob, reconcileJobs } from '../queues.ts'

/** Stored event names that the router wants. */
export const ROUTED_TYPES = [
  'RequestSubmitted.v1',
  'ApprovalGranted.v1',
  'AssignmentScheduled.v1',
  'AssignmentStarted.v1',
  'AssignmentExtended.v1',
  'AssignmentEnded.v1',
  'ResourceRoleAdded.v1',
  'ResourceRoleRemoved.v1',
  'ProvisioningFailed.v1',
  'RetryRequested.v1',
] as const satisfies readonly PortcullisEvent['type'][]

/**
 * Which jobs a batch of events calls for: stateless, so that a batch seen twice only asks again for what is safe to do again.
 * @param now instant; deadlines within `horizonMillis` of it get an alarm, later ones wait in the deadlines view for a sweep
 */
export const routeToJobs = (
  events: readonly RecordedEvent<PortcullisEvent>[],
  now: string,
  horizonMillis: number,
): readonly NewJob[] => {
  const entitlements: string[] = []
  const fanOuts: NewJob[] = []
  const alarms = new Set<string>()
  for (const event of events) {
    switch (event.type) {
      case 'AssignmentStarted.v1':
      case 'AssignmentEnded.v1': {
        const located = parseAssignmentId(event.data.assignmentId)
        if (located !== undefined) entitlements.push(located.entitlementId)
        break
      }
      case 'ResourceRoleAdded.v1':
      case 'ResourceRoleRemoved.v1':
        fanOuts.push(fanOutJob(event.data.packageId, formatPosition(event.position)))
        break
      default:
        break
    }
    for (const { dueAt } of deadlinesOf(event).set)
      if (toMillis(dueAt) - toMillis(now) <= horizonMillis) alarms.add(dueAt)
  }
  return [...reconcileJobs(entitlements), ...fanOuts, ...[...alarms].sort().map(alarmJob)]
}
