import {
  addMillis,
  formatPosition,
  type NewJob,
  originsOf,
  type RecordedEvent,
} from '@portcullis/core'
import { deadlinesOf, grantId, type PortcullisEvent, parseAssignmentId } from '@portcullis/domain'
import {
  afterReportJobs,
  alarmJob,
  alarmSecond,
  endWithPackageJob,
  FIRE_NOW,
  fanOutJob,
  provisionJobs,
  ROLL_OUT,
  reconcileJobs,
  rollOutJob,
  SWEEP_NOW,
} from '../queues.ts'

/** Stored event names that the router wants. */
export const ROUTED_TYPES = [
  'RequestSubmitted.v1',
  'ApprovalGranted.v1',
  'AssignmentScheduled.v1',
  'AssignmentStarted.v1',
  'AssignmentExtended.v1',
  'AssignmentEnded.v2',
  'RollOutQueued.v1',
  'RollOutResumed.v1',
  'RollOutCancelled.v1',
  'AccessPackageDeleted.v1',
  'FulfilmentAwaited.v1',
  'FulfilmentReported.v1',
  'ProvisioningFailed.v1',
  'RetryRequested.v1',
  'DriftFound.v3',
  'SubjectReturned.v1',
  'StartWithheld.v1',
  'DirectoryImported.v1',
  'LeaverEndingsReleased.v1',
] as const satisfies readonly PortcullisEvent['type'][]

/**
 * Which jobs a batch of events calls for: stateless, so that a batch seen twice only asks again for what is safe to do
 * again.
 * @param now instant; deadlines within `horizonMillis` of it get an alarm, one for each second; later ones wait in the
 *   deadlines view for a sweep
 * @returns with what was traced of the events that ask for each; an alarm is nobody's own
 */
export const routeToJobs = (
  events: readonly RecordedEvent<PortcullisEvent>[],
  now: string,
  horizonMillis: number,
): readonly NewJob[] => {
  const entitlements = asked()
  const reported = asked()
  const drifted = asked()
  const fanOuts: NewJob[] = []
  const alarms = new Set<string>()
  const horizon = addMillis(now, horizonMillis)
  let isDue = false
  let ofPeople = false
  for (const event of events) {
    switch (event.type) {
      case 'AssignmentStarted.v1':
      case 'AssignmentEnded.v2':
      case 'SubjectReturned.v1': {
        const located = parseAssignmentId(event.data.assignmentId)
        if (located !== undefined) entitlements.note(located.entitlementId, event)
        break
      }
      case 'FulfilmentReported.v1': {
        const { resourceId, roleId, subjectId } = event.data
        reported.note(grantId(resourceId, roleId, subjectId), event)
        break
      }
      case 'RollOutQueued.v1':
        fanOuts.push(askedBy([event], rollOutJob(event.data.packageId, positionOf(event))))
        break
      // Somebody came while the roles were others: they lose what was called off.
      case 'RollOutCancelled.v1':
      case 'RollOutResumed.v1':
        fanOuts.push(askedBy([event], fanOutJob(event.data.packageId, positionOf(event))))
        break
      case 'AccessPackageDeleted.v1':
        fanOuts.push(askedBy([event], endWithPackageJob(event.data.packageId, positionOf(event))))
        break
      case 'DriftFound.v3': {
        const { resourceId, roleId, subjectId, repair } = event.data
        if (repair !== 'none') drifted.note(grantId(resourceId, roleId, subjectId), event)
        break
      }
      // Who came, who left and who may lose what they have is looked after by a sweep.
      case 'DirectoryImported.v1':
      case 'LeaverEndingsReleased.v1':
        ofPeople = true
        break
      default:
        break
    }
    for (const { dueAt } of deadlinesOf(event).set) {
      if (dueAt <= now) isDue = true
      else if (dueAt <= horizon) alarms.add(alarmSecond(dueAt))
    }
  }
  return [
    ...entitlements.jobs((ids) => reconcileJobs(ids), 'entitlementIds'),
    ...reported.jobs(afterReportJobs, 'grantIds'),
    ...drifted.jobs((ids) => provisionJobs(ids, ROLL_OUT), 'grantIds'),
    ...fanOuts,
    ...(isDue ? [FIRE_NOW] : []),
    ...(ofPeople ? [SWEEP_NOW] : []),
    ...[...alarms].sort().map(alarmJob),
  ]
}

type RoutedEvent = RecordedEvent<PortcullisEvent>

const positionOf = ({ position }: RoutedEvent): string => formatPosition(position)

const askedBy = (events: readonly RoutedEvent[], job: NewJob): NewJob => {
  const origins = originsOf(events)
  return origins.length === 0 ? job : { ...job, origins }
}

/** Ids to work on, and the events that ask for each. */
const asked = () => {
  const events = new Map<string, RoutedEvent[]>()
  return {
    note: (id: string, event: RoutedEvent): void => {
      const by = events.get(id)
      if (by === undefined) events.set(id, [event])
      else by.push(event)
    },
    /** @param field of a job's data that holds its ids */
    jobs: (
      toJobs: (ids: readonly string[]) => readonly NewJob[],
      field: string,
    ): readonly NewJob[] =>
      toJobs([...events.keys()]).map((job) => {
        const ids = job.data[field]
        return askedBy(
          Array.isArray(ids) ? ids.flatMap((id) => events.get(String(id)) ?? []) : [],
          job,
        )
      }),
  }
}
