import { type Dice, dice } from '@portcullis/core/testing'
import type { AssignmentView, RequestView } from '@portcullis/views'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPackage, execute, openTerms, roleOf, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import type { AssignmentDetail } from './assignmentQueries.ts'
import type { AssignmentLine, RequestLine } from './downloads.ts'

const ROLES = ['wiki.member', 'wiki.editor', 'repo.member', 'crm.member'] as const
const PACKAGES = ['one', 'two', 'three'] as const
const PEOPLE = ['alice', 'anna', 'ben', 'carl'] as const
const STEPS = 48
const LOOK_EVERY = 12
const HOUR = 3_600_000
const admin = user('admin')
const PAGE = { limit: 200 }

/** One thing that somebody does, or that happens to a target; what is refused changes nothing. */
const step = async (engine: TestEngine, draw: Dice): Promise<void> => {
  const packageId = draw.pick(PACKAGES)
  const subjectId = draw.pick(PEOPLE)
  const role = roleOf(draw.pick(ROLES))
  const target = draw.pick([engine.main, engine.other])
  const roleChange = {
    packageId,
    ...role,
    rollOut: draw.chance(20) ? ('held' as const) : ('now' as const),
  }
  const assignmentId = `${packageId}.${subjectId}.a${draw.int(1, 2)}`
  await draw.weighted<() => unknown>([
    [6, () => submit(engine, packageId, subjectId).catch(() => undefined)],
    [4, () => execute(engine, 'admin', { type: 'AddResourceRole', ...roleChange })],
    [4, () => execute(engine, 'admin', { type: 'RemoveResourceRole', ...roleChange })],
    [
      4,
      () =>
        execute(engine, 'admin', { type: 'RemoveAssignment', assignmentId, justification: null }),
    ],
    [1, () => execute(engine, 'admin', { type: 'ReleaseRollOut', packageId })],
    [1, () => execute(engine, 'admin', { type: 'ReprocessAssignment', assignmentId })],
    [1, () => target.down()],
    [1, () => target.refuse()],
    [3, () => target.up()],
    [
      1,
      () =>
        target
          .byHand('grant', `${role.resourceId}.${role.roleId}.${subjectId}`)
          .catch(() => undefined),
    ],
    [3, () => engine.settle()],
    [1, () => engine.settleUntil(later(engine, draw.int(1, 48)))],
  ])()
}

const later = ({ clock }: TestEngine, hours: number): string =>
  new Date(Date.parse(clock.now()) + hours * HOUR).toISOString()

const collect = async <Row>(pages: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for await (const page of pages) rows.push(...page)
  return rows
}

/** What a list's row says of a thing, out of anything that says more. */
const asRow = <Row extends object>(row: Row, more: object): Row =>
  Object.fromEntries(Object.keys(row).map((name) => [name, Reflect.get(more, name)])) as Row

/** Names, as rows have them. */
const namesOf = ({
  subject,
  accessPackage,
}: Pick<AssignmentDetail, 'subject' | 'accessPackage'>) => ({
  subjectName: subject.displayName,
  packageName: accessPackage.displayName,
})

const byStatus = (rows: readonly (AssignmentView | RequestView)[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const idOf = ({ resourceId, roleId }: { readonly resourceId: string; readonly roleId: string }) =>
  `${resourceId}.${roleId}`

/** What the file must say of the roles, from the detail alone. */
const rolesIn = ({ id, roles }: AssignmentDetail) => ({
  roleIds: roles.filter(({ conferred }) => conferred).map(idOf),
  missing: roles
    .filter(({ holderIds, delivery }) => holderIds.includes(id) && delivery.state !== 'Delivered')
    .map(({ resourceName, roleName }) => `${resourceName}: ${roleName}`),
})

describe('lists, files, counts and details tell the same, whatever has happened', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    for (const [index, packageId] of PACKAGES.entries())
      await createPackage(engine, packageId, {
        roles: [...ROLES.slice(index, index + 2), ...ROLES.slice(0, index)],
        terms: openTerms(),
      })
    await engine.start()
  })
  afterAll(() => engine.close())

  const compareAssignments = async (): Promise<readonly AssignmentView[]> => {
    const app = engine.application
    const { items } = await app.assignments(admin, PAGE)
    const lines: readonly AssignmentLine[] = await collect(app.assignmentLines(admin, {}))
    expect(lines.map((line, index) => asRow(items[index] ?? line, line))).toEqual(items)
    for (const [index, item] of items.entries()) {
      const detail = await app.assignment(admin, item.id)
      const line = lines[index]
      if (detail === undefined || line === undefined) throw new Error(`${item.id} is missing`)
      expect(asRow(item, { ...detail, ...namesOf(detail) })).toEqual(item)
      const { roleIds, missing } = rolesIn(detail)
      expect([line.id, ...line.roleIds]).toEqual([item.id, ...roleIds])
      expect(line.missingRoles).toEqual(missing)
      const isOver = item.endedAt !== null
      for (const role of detail.roles) {
        // What was taken from it before its end is no role of it any more.
        if (!isOver) expect(role.conferred).toBe(role.holderIds.includes(item.id))
      }
      if (item.status === 'Delivered') expect(line.missingRoles).toEqual([])
    }
    return items
  }

  const compareRequests = async (): Promise<readonly RequestView[]> => {
    const app = engine.application
    const { items } = await app.requests(admin, PAGE)
    const lines: readonly RequestLine[] = await collect(app.requestLines(admin, {}))
    expect(lines.map((line, index) => asRow(items[index] ?? line, line))).toEqual(items)
    for (const [index, item] of items.entries()) {
      const detail = await app.request(admin, item.id)
      if (detail === undefined) throw new Error(`${item.id} is missing`)
      const { fulfilmentErrors, ...same } = item
      expect(asRow(same, { ...detail, ...namesOf(detail) })).toEqual(same)
      expect(
        detail.fulfilmentErrors.map((error) => asRow(fulfilmentErrors[0] ?? {}, error)),
      ).toEqual(fulfilmentErrors)
      expect(lines[index]?.errors).toEqual(
        detail.fulfilmentErrors.map(
          ({ resourceName, roleName, message }) => `${resourceName}: ${roleName}: ${message}`,
        ),
      )
      expect(detail.fulfilmentErrorCount).toBe(fulfilmentErrors.length)
    }
    return items
  }

  const compareCounts = async (
    assignments: readonly AssignmentView[],
    requests: readonly RequestView[],
  ): Promise<void> => {
    const counts = await engine.views.counts()
    expect(counts.assignments).toEqual(byStatus(assignments))
    expect(counts.requests).toEqual(byStatus(requests))
    for (const packageId of PACKAGES) {
      const active = assignments.filter(
        (one) =>
          one.packageId === packageId && one.endedAt === null && one.startAt <= later(engine, 0),
      )
      const rollOut = await engine.application.rollOut(admin, packageId)
      expect([packageId, rollOut?.total]).toEqual([packageId, active.length])
    }
  }

  const compareProblems = async (): Promise<void> => {
    const app = engine.application
    const [{ items }, counts] = await Promise.all([
      app.problems(admin, PAGE),
      app.problemCounts(admin, {}),
    ])
    expect(counts.total).toBe(items.length)
    for (const { assignmentIds, resourceId, roleId, state, operation } of items) {
      for (const id of assignmentIds) {
        const detail = await app.assignment(admin, id)
        const role = detail?.roles.find(
          (one) => one.resourceId === resourceId && one.roleId === roleId,
        )
        const fine = operation === 'grant' ? 'Delivered' : 'Revoked'
        if (state !== 'drift') expect([id, role?.delivery.state]).not.toEqual([id, fine])
      }
    }
  }

  it.each([1, 2, 5])('story %i', async (seed) => {
    const draw = dice(seed)
    for (let number = 1; number <= STEPS; number += 1) {
      await step(engine, draw)
      if (number % LOOK_EVERY !== 0) continue
      await engine.settle()
      const assignments = await compareAssignments()
      await compareCounts(assignments, await compareRequests())
      await compareProblems()
    }
  })

  it('once everything works again, an active assignment confers what its package has', async () => {
    engine.main.up()
    engine.other.up()
    for (const packageId of PACKAGES)
      await execute(engine, 'admin', { type: 'ReleaseRollOut', packageId })
    for (const { id } of await collect(engine.application.assignmentLines(admin, {})))
      await execute(engine, 'admin', { type: 'ReprocessAssignment', assignmentId: id })
    await engine.settleUntil(later(engine, 72))
    const lines = await collect(engine.application.assignmentLines(admin, { status: ['Active'] }))
    expect(lines.length).toBeGreaterThan(0)
    expect(START < engine.clock.now()).toBe(true)
    for (const { packageId, roleIds, missingRoles, id } of lines) {
      const accessPackage = await engine.application.package(admin, packageId)
      const wanted = accessPackage?.resourceRoles.map(idOf).sort()
      expect({ id, roleIds, missingRoles }).toEqual({ id, roleIds: wanted, missingRoles: [] })
    }
  })
})
