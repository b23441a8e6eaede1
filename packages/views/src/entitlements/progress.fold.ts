import { formatPosition, type Instant } from '@portcullis/core'
import type { Row } from '../projector/foldTable.ts'
import type { ProgressView } from '../rows.ts'
import { type AssignmentRow, isActive } from './assignments.fold.ts'
import type { EntitlementViewEvent } from './requests.fold.ts'

export type ProgressRow = Row<ProgressView, Record<never, never>>

/** Ten-second spans that are kept: enough to tell the pace of the last minute. */
const SPANS = 7

/** The ten seconds that an instant is in: `2026-06-01T08:00:1`. */
export const spanOf = (at: Instant): string => at.slice(0, '2026-06-01T08:00:1'.length)

export const newProgress = (packageId: string, event: EntitlementViewEvent): ProgressRow => ({
  seq: formatPosition(event.position),
  view: { id: packageId, counts: {}, arrivals: {}, lastAt: null },
  state: {},
})

/** Kept at each event, so that nobody has to count 300,000 assignments to say how far a roll-out has got. */
export const foldProgress = (
  row: ProgressRow,
  event: EntitlementViewEvent,
  before: AssignmentRow | undefined,
  after: AssignmentRow,
): ProgressRow => {
  const from = groupOf(before)
  const to = groupOf(after)
  const arrives = isArrival(before, after, event)
  if (from === to && !arrives) return row
  const { counts, arrivals, lastAt } = row.view
  const { at } = event.metadata
  return {
    ...row,
    view: {
      ...row.view,
      counts: from === to ? counts : added(added(counts, from, -1), to, 1),
      arrivals: arrives ? newest(added(arrivals, spanOf(at), 1)) : arrivals,
      lastAt: arrives ? at : lastAt,
    },
  }
}

/** Active assignments count by the version of the roles that they have got to, and by status: `2:Delivered`. */
const groupOf = (row: AssignmentRow | undefined): string | undefined =>
  row !== undefined && isActive(row.view)
    ? `${row.view.rolesVersion}:${row.view.status}`
    : undefined

/** Has it just got all that it should have, after it had something before? Somebody new isn't part of a roll-out. */
const isArrival = (
  before: AssignmentRow | undefined,
  after: AssignmentRow,
  event: EntitlementViewEvent,
): boolean =>
  (event.type === 'RolesDelivered.v1' || event.type === 'RolesRevoked.v1') &&
  event.data.complete &&
  after.view.status === 'Delivered' &&
  (before?.view.status === 'Delivered' || before?.view.status === 'PartiallyDelivered')

const added = (
  counts: Readonly<Record<string, number>>,
  key: string | undefined,
  by: number,
): Readonly<Record<string, number>> => {
  if (key === undefined) return counts
  const { [key]: count = 0, ...others } = counts
  return count + by === 0 ? others : { ...others, [key]: count + by }
}

const newest = (arrivals: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(arrivals).sort().slice(-SPANS))
