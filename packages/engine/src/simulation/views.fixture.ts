import { type EventStore, type Position, type RecordedEvent, START } from '@portcullis/core'
import {
  boundsOfWaits,
  leaseBinds,
  type PortcullisEvent,
  type ResourceRoleRef,
} from '@portcullis/domain'
import {
  allProjections,
  type DeadlineView,
  type GrantView,
  type OverdueView,
  type Projections,
  type StoodStill,
  type Views,
} from '@portcullis/views'
import { alarmSecond } from '../queues.ts'
import { only } from './only.fixture.ts'
import { createTables, type MemoryTables, type StoredRow } from './tables.fixture.ts'

export interface SimulatedViews {
  readonly tables: MemoryTables
  readonly views: Views
  readonly projections: Projections
  position(): Position
  /** Applies up to so many events more, in one batch. */
  project(events: number): Promise<void>
  catchUp(): Promise<void>
  /** What a process remembers between batches is gone; the tables are not. */
  crash(): void
}

const ALL = 100_000
/** What the projectors remember is what the tables hold, or it is forgotten; a batch is one transaction. */
export const createSimulatedViews = (
  store: Pick<EventStore, 'readAll' | 'head'>,
  isPatient: () => boolean,
): SimulatedViews => {
  const tables = createTables()
  const open = () => allProjections.map((projection) => projection.in('live'))
  let projectors = open()
  let reached: Position = START

  const project = async (limit: number): Promise<void> => {
    const { events, position } = await store.readAll({ after: reached, limit })
    if (events.length === 0) return
    // The codec only lets in what the schemas name.
    const batch = events as readonly RecordedEvent<PortcullisEvent>[]
    for (const projector of projectors) await projector.apply(batch, tables.sql)
    reached = position
  }
  return {
    tables,
    position: () => reached,
    project,
    catchUp: () => project(ALL),
    crash: () => {
      projectors = open()
    },
    views: only<Views>('views', workQueries(tables)),
    projections: only<Projections>('projections', {
      // The view's own process brings it up meanwhile; or the wait is over before it has.
      // (Not that of deadlines: behind by more than the wait it fires what it shows, and then not in order.)
      waitForView: async (name, position) => {
        if (reached < position && (name === 'deadlines' || isPatient())) await project(ALL)
        return reached >= position
      },
    }),
  }
}

/** Every view filled anew from the whole log, in batches of this size: what the tables hold then. */
export const rebuilt = async (
  store: Pick<EventStore, 'readAll' | 'head'>,
  batchSize: number,
): Promise<string> => {
  const copy = createSimulatedViews(store, () => true)
  const head = await store.head()
  while (copy.position() < head) await copy.project(batchSize)
  return copy.tables.content()
}

const text = (value: unknown): string => String(value)
const stoodStill = (row: StoredRow, { updatedBefore, now }: StoodStill): boolean =>
  text(row.updated_at) < updatedBefore || text(row.updated_at) > now
const byText =
  (...columns: readonly string[]) =>
  (left: StoredRow, right: StoredRow): number => {
    for (const column of columns) {
      if (text(left[column]) !== text(right[column]))
        return text(left[column]) < text(right[column]) ? -1 : 1
    }
    return 0
  }

const entitlementsOf = (assignments: readonly StoredRow[]): readonly string[] =>
  [...new Set(assignments.map((row) => text(row.entitlement_id)))].sort()

/** Is it held by an active assignment for a role that the package hasn't any more? */
const isAstray = (
  hold: StoredRow,
  assignment: StoredRow,
  accessPackage: StoredRow | undefined,
): boolean => {
  if (accessPackage === undefined || assignment.active !== true) return false
  const { resource_roles, started_roles, paused } = accessPackage
  const [resourceId, roleId] = text(hold.grant_id).split('.')
  const isIn = (roles: unknown): boolean =>
    Array.isArray(roles) &&
    roles.some((role) => role.resourceId === resourceId && role.roleId === roleId)
  const isNewest = Number(assignment.roles_version) >= Number(accessPackage.roles_version)
  return !isIn(resource_roles) && (isNewest || !(paused === true || isIn(started_roles)))
}

/** Is it active, and hasn't got to a version of the roles, or to one that confers the same? */
const isBehind = (assignment: StoredRow, version: unknown, alike: unknown): boolean => {
  const own = Number(assignment.roles_version)
  const isAlike = Array.isArray(alike) && alike.includes(own)
  return assignment.active === true && own < Number(version) && !isAlike
}

/** A retry has lost its use when nobody wants the access any more. */
const wanted = (tables: MemoryTables): readonly StoredRow[] => {
  const unsettled = new Set(
    tables.rows('grants').flatMap((row) => (row.settled === false ? [`retry:${row.id}`] : [])),
  )
  return tables
    .rows('deadlines')
    .filter((row) => row.kind !== 'retry' || unsettled.has(text(row.key)))
}

const overdueOf = (
  kind: OverdueView['kind'],
  { id, package_id: packageId, subject_id: subjectId }: StoredRow,
  dueAt: unknown,
  version?: unknown,
): OverdueView => ({
  kind,
  key: [kind, id, ...(version === undefined ? [] : [version])].join(':'),
  dueAt: text(dueAt),
  id: text(id),
  packageId: text(packageId),
  subjectId: text(subjectId),
})
const placeOf = ({ dueAt, key }: Pick<OverdueView, 'dueAt' | 'key'>): string => `${dueAt} ${key}`

/** Starts before everything else of the same instant. */
const dueOrder = (dueAt: string, kind: string, key: string): string =>
  [dueAt, kind === 'start' ? '0' : '1', key].join(' ')

/** The queries of the sweeper, the fan-out and the commands over the tables. */
const workQueries = (tables: MemoryTables): Partial<Views> => ({
  digestOfCommand: async (id) => {
    const digest = tables.rows('command_keys').find(({ key }) => key === id)?.digest
    return digest === undefined ? undefined : text(digest)
  },
  packageRoles: async () =>
    tables.rows('packages').map((row) => ({
      packageId: text(row.id),
      // As the projector wrote them.
      roles: [row.resource_roles, row.started_roles].flat() as readonly ResourceRoleRef[],
    })),
  rollOut: async ({ packageId, version, alike }) => {
    const active = tables
      .rows('assignments')
      .filter((row) => row.package_id === packageId && row.active === true)
    const left = active.filter((row) => isBehind(row, version, alike)).length
    const total = active.length
    return { total, upToDate: total - left, failed: 0, left, lastAt: null, recent: 0 }
  },
  dueDeadlines: async (now, limit, after) =>
    wanted(tables)
      .filter((row) => text(row.due_at) <= now)
      .map((row) => ({
        row,
        place: dueOrder(text(row.due_at), text(row.kind), text(row.key)),
      }))
      .sort((left, right) => (left.place < right.place ? -1 : 1))
      .filter(
        ({ place }) => after === undefined || place > dueOrder(after.dueAt, after.kind, after.key),
      )
      .map(({ row }) => row)
      .slice(0, limit)
      .map(
        ({ key, kind, due_at: dueAt, stream }) => ({ key, kind, dueAt, stream }) as DeadlineView,
      ),
  overdue: async ({ dueBefore, limit, after }) => {
    const rows = [
      ...tables
        .rows('assignments')
        .filter((row) => row.active === true && row.end_at !== null)
        .map((row) => overdueOf('expiry', row, row.end_at, row.end_version)),
      ...tables
        .rows('assignments')
        .filter((row) => row.status === 'Scheduled')
        .map((row) => overdueOf('start', row, row.start_at)),
      ...tables
        .rows('requests')
        .filter((row) => row.open_approvers !== null)
        .map((row) => overdueOf('approval', row, row.decide_by, row.stage)),
    ]
    return rows
      .filter(({ dueAt }) => dueAt < dueBefore)
      .sort((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1))
      .filter((row) => after === undefined || placeOf(row) > placeOf(after))
      .slice(0, limit)
  },
  alarmSeconds: async (from, to) => {
    const within = wanted(tables)
      .map((row) => text(row.due_at))
      .filter((dueAt) => dueAt > from && dueAt <= to)
    return [...new Set(within.map(alarmSecond))].sort()
  },
  unsettledEntitlements: async ({ after = '', ...still }) => {
    const packages = new Map(tables.rows('packages').map((row) => [row.id, row]))
    const open = tables.rows('assignments').filter((assignment) => {
      if (!stoodStill(assignment, still)) return false
      const accessPackage = packages.get(assignment.package_id)
      const behind =
        accessPackage !== undefined &&
        accessPackage.paused === false &&
        isBehind(assignment, accessPackage.started_version, accessPackage.alike) &&
        stoodStill(accessPackage, still)
      return assignment.settled === false || behind
    })
    return entitlementsOf(open).filter((id) => id > after)
  },
  astrayEntitlements: async ({ among, limit, ...still }) => {
    const packages = new Map(tables.rows('packages').map((row) => [row.id, row]))
    const assignments = new Map(tables.rows('assignments').map((row) => [row.id, row]))
    const held = tables.rows('grant_holds').filter((hold) => hold.held === true)
    const holds =
      among === 'newest'
        ? held.sort(byText('updated_at')).slice(-limit)
        : held
            .sort(byText('id'))
            .filter(({ id }) => text(id) > among.after)
            .slice(0, limit)
    const astray = holds.flatMap((hold) => {
      const assignment = assignments.get(hold.assignment_id)
      if (assignment === undefined) return []
      if (!stoodStill(hold, still) || !stoodStill(assignment, still)) return []
      const accessPackage = packages.get(assignment.package_id)
      const wrong = assignment.ended === true || isAstray(hold, assignment, accessPackage)
      return wrong ? [assignment] : []
    })
    const next = among === 'newest' || holds.length < limit ? null : text(holds.at(-1)?.id)
    return { ids: entitlementsOf(astray), next }
  },
  unsettledGrants: async ({ updatedBefore, now, after = '' }) =>
    tables
      .rows('grants')
      .filter(
        (row) =>
          row.settled === false &&
          stoodStill(row, { updatedBefore, now }) &&
          (row.lease_until === null ||
            !leaseBinds(
              { leaseUntil: text(row.lease_until), awaited: row.awaited_since !== null },
              now,
            )) &&
          (row.wait === null ||
            text(row.wait) <= now ||
            (row.wait !== 'operator' && text(row.wait) > boundsOfWaits(now).retry.grant)) &&
          text(row.id) > after,
      )
      .sort(byText('id'))
      .map(({ id }) => ({ id }) as GrantView),
  assignmentsBehind: async ({ packageId, version, alike }) => ({
    items: tables
      .rows('assignments')
      .filter((row) => row.package_id === packageId && isBehind(row, version, alike))
      .map((row) => text(row.entitlement_id)),
    next: null,
  }),
  overdueRollOuts: async (still) =>
    tables
      .rows('packages')
      .filter((row) => row.waiting === 'queued' && row.paused === false && stoodStill(row, still))
      .map((row) => text(row.id)),
})
