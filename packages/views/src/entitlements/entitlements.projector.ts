import { parseAssignmentId } from '@portcullis/domain'
import type { Sql } from '@portcullis/postgres'
import { type FoldTable, foldTable } from '../projector/foldTable.ts'
import type { EventOf } from '../projector/projection.ts'
import { type Projection, projection, wholeTable } from '../projector/projection.ts'
import { ofTypes } from '../projector/selectEvents.ts'
import { type AssignmentRow, foldAssignment, newAssignment } from './assignments.fold.ts'
import { assignments, progress, requests } from './entitlements.tables.ts'
import { foldProgress, newProgress, type ProgressRow } from './progress.fold.ts'
import {
  type EntitlementViewEvent,
  entitlementEventTypes,
  foldRequest,
  newRequest,
  type RequestRow,
} from './requests.fold.ts'

/** Requests and assignments, kept by one projector since each changes with the other's events (S13, S19–S21). */
export const entitlementsProjection: Projection = projection({
  name: 'entitlements',
  version: 6,
  handles: entitlementEventTypes,
  tables: [requests, assignments, progress],
  views: [wholeTable('requests'), wholeTable('assignments'), wholeTable('progress')],
  open: (place) => {
    const tables = {
      requests: foldTable(place, requests),
      assignments: foldTable(place, assignments),
      progress: foldTable(place, progress),
    }
    return {
      forget: () => {
        tables.requests.forget()
        tables.assignments.forget()
        tables.progress.forget()
      },
      apply: async (events, tx) => {
        const own = ofTypes(events, entitlementEventTypes)
        await load(own, tables, tx)
        for (const event of own) foldEntitlement(tables, event)
        await tables.requests.flush(tx)
        await tables.assignments.flush(tx)
        await tables.progress.flush(tx)
      },
    }
  },
})

export interface EntitlementTables {
  readonly requests: Pick<FoldTable<RequestRow>, 'get' | 'put'>
  readonly assignments: Pick<FoldTable<AssignmentRow>, 'get' | 'find' | 'put'>
  readonly progress: Pick<FoldTable<ProgressRow>, 'find' | 'put'>
}

/** Applies one event to the request and the assignment that it is about. */
export const foldEntitlement = (
  { requests, assignments, progress }: EntitlementTables,
  event: EntitlementViewEvent,
): void => {
  if (event.type === 'RequestSubmitted.v1') {
    requests.put(newRequest(event))
    return
  }
  const before = knownAssignment(assignments, event)
  const assignment = before ?? madeAssignment(event)
  const requestId = 'requestId' in event.data ? event.data.requestId : assignment?.view.requestId
  if (requestId === undefined) return
  requests.put(foldRequest(requests.get(requestId), event))
  if (assignment === undefined) return
  // Not of the request above: an extension's event names the extension, whose assignment was made by another.
  const { fulfilmentErrors } = requests.get(assignment.view.requestId).view
  const after = foldAssignment(assignment, event, fulfilmentErrors.length)
  assignments.put(after)
  const { packageId } = after.view
  const row = progress.find(packageId) ?? newProgress(packageId, event)
  progress.put(foldProgress(row, event, before, after))
}

const knownAssignment = (
  assignments: EntitlementTables['assignments'],
  event: EntitlementViewEvent,
): AssignmentRow | undefined => {
  const id = namedAssignment(event)
  if (id === undefined) return undefined
  return isMaking(event) ? assignments.find(id) : assignments.get(id)
}

const madeAssignment = (event: EntitlementViewEvent): AssignmentRow | undefined =>
  isMaking(event) ? newAssignment(event) : undefined

/** The assignment that the event changes; undefined for events of a request alone. */
const namedAssignment = (event: EntitlementViewEvent): string | undefined =>
  event.type !== 'RequestSubmitted.v1' && 'assignmentId' in event.data
    ? event.data.assignmentId
    : undefined

/** Loads what the batch changes and didn't make itself: at most one statement for each table. */
const load = async (
  events: readonly EntitlementViewEvent[],
  tables: {
    readonly requests: FoldTable<RequestRow>
    readonly assignments: FoldTable<AssignmentRow>
    readonly progress: FoldTable<ProgressRow>
  },
  tx: Sql,
): Promise<void> => {
  const madeRequests = new Set<string>()
  const madeAssignments = new Set<string>()
  const requestIds: string[] = []
  const assignmentIds: string[] = []
  for (const event of events) {
    const requestId = 'requestId' in event.data ? event.data.requestId : undefined
    if (event.type === 'RequestSubmitted.v1') madeRequests.add(event.data.requestId)
    else if (requestId !== undefined && !madeRequests.has(requestId)) requestIds.push(requestId)
    const assignmentId = namedAssignment(event)
    if (assignmentId === undefined || madeAssignments.has(assignmentId)) continue
    // An assignment can't be older than the request that makes it.
    if (requestId !== undefined && madeRequests.has(requestId) && isMaking(event)) {
      madeAssignments.add(assignmentId)
    } else assignmentIds.push(assignmentId)
  }
  await tables.assignments.ensure(tx, assignmentIds)
  for (const id of assignmentIds) {
    const requestId = tables.assignments.find(id)?.view.requestId
    if (requestId !== undefined) requestIds.push(requestId)
  }
  await tables.requests.ensure(tx, requestIds)
  const located = [...assignmentIds, ...madeAssignments].map((id) => parseAssignmentId(id))
  await tables.progress.ensure(
    tx,
    located.flatMap((each) => (each === undefined ? [] : [each.packageId])),
  )
}

const isMaking = (
  event: EntitlementViewEvent,
): event is EventOf<'AssignmentScheduled.v1'> | EventOf<'AssignmentStarted.v1'> =>
  event.type === 'AssignmentScheduled.v1' || event.type === 'AssignmentStarted.v1'
