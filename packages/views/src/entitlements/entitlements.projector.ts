import type { Sql } from '@portcullis/postgres'
import { type FoldTable, foldTable } from '../projector/foldTable.ts'
import { type Projection, projection, wholeTable } from '../projector/projection.ts'
import { ofTypes } from '../projector/selectEvents.ts'
import { type AssignmentRow, foldAssignment, newAssignment } from './assignments.fold.ts'
import { type EntitlementViewEvent, entitlementEventTypes } from './entitlements.events.ts'
import { assignments, requests } from './entitlements.tables.ts'
import { foldRequest, newRequest, type RequestRow } from './requests.fold.ts'

/** Requests and assignments, kept by one projector since each changes with the other's events (S13, S19–S21). */
export const entitlementsProjection: Projection = projection({
  name: 'entitlements',
  version: 1,
  handles: entitlementEventTypes,
  tables: [requests, assignments],
  views: [wholeTable('requests'), wholeTable('assignments')],
  open: (place) => {
    const tables = {
      requests: foldTable(place, requests),
      assignments: foldTable(place, assignments),
    }
    return {
      forget: () => {
        tables.requests.forget()
        tables.assignments.forget()
      },
      apply: async (events, tx) => {
        const own = ofTypes(events, entitlementEventTypes)
        await load(own, tables, tx)
        for (const event of own) foldEntitlement(tables, event)
        await tables.requests.flush(tx)
        await tables.assignments.flush(tx)
      },
    }
  },
})

export interface EntitlementTables {
  readonly requests: Pick<FoldTable<RequestRow>, 'get' | 'put'>
  readonly assignments: Pick<FoldTable<AssignmentRow>, 'get' | 'find' | 'put'>
}

/** Applies one event to the request and the assignment that it is about. */
export const foldEntitlement = (
  { requests, assignments }: EntitlementTables,
  event: EntitlementViewEvent,
): void => {
  if (event.type === 'RequestSubmitted.v1') {
    requests.put(newRequest(event))
    return
  }
  const assignment = assignmentOf(assignments, event)
  const requestId = 'requestId' in event.data ? event.data.requestId : assignment?.view.requestId
  if (requestId === undefined) return
  requests.put(foldRequest(requests.get(requestId), event))
  if (assignment === undefined) return
  // Not of the request above: an extension's event names the extension, whose assignment was made by another.
  const { fulfilmentErrors } = requests.get(assignment.view.requestId).view
  assignments.put(foldAssignment(assignment, event, fulfilmentErrors.length))
}

const assignmentOf = (
  assignments: EntitlementTables['assignments'],
  event: EntitlementViewEvent,
): AssignmentRow | undefined => {
  switch (event.type) {
    case 'AssignmentScheduled.v1':
    case 'AssignmentStarted.v1':
      return assignments.find(event.data.assignmentId) ?? newAssignment(event)
    default: {
      const id = namedAssignment(event)
      return id === undefined ? undefined : assignments.get(id)
    }
  }
}

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
}

const isMaking = (event: EntitlementViewEvent): boolean =>
  event.type === 'AssignmentScheduled.v1' || event.type === 'AssignmentStarted.v1'
