import { operations } from '@portcullis/api-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from './testing/caller.ts'
import { type DelegationRow, delegationRows } from './testing/delegationRows.ts'
import {
  approvedBy,
  fresh,
  givenAssignment,
  givenCatalog,
  request,
  role,
  terms,
  user,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S3 Delegation', () => {
  let engine: Engine
  /** Everybody who tries, by what they are to the catalog `ours`. */
  let callers: Readonly<Record<string, Caller>>
  let rows: Readonly<Record<string, DelegationRow>>
  let elsewhere: Readonly<Record<string, DelegationRow>>

  beforeAll(async () => {
    engine = await openEngine()
    const hr = engine.asService('hr')
    callers = {
      userAdministrator: engine.as('alice'),
      catalogCreator: engine.as('carl'),
      owner: engine.as('olga'),
      manager: engine.as('mia'),
      approver: engine.as('bob'),
      subject: engine.as('sam'),
      ownerElsewhere: engine.as('nora'),
      nobody: engine.as('ben'),
      service: hr,
      administratingService: engine.asService('root', 'UserAdministrator'),
    }
    const ours = await givenCatalog(engine)
    const theirs = await givenCatalog(engine)
    const alice = engine.as('alice')
    await alice.ok('addCatalogOwner', { catalogId: theirs, personId: 'nora' })
    await alice.ok('removeCatalogOwner', { catalogId: theirs, personId: 'olga' })
    await alice.ok('removePackageManager', { catalogId: theirs, personId: 'mia' })
    rows = delegationRows(await furnished(ours, 'chat'))
    elsewhere = delegationRows(await furnished(theirs, 'vault'))
  })
  afterAll(() => engine.close())

  /** A catalog with a package, sam's requests for it (one waits for bob), and sam's assignment that has ended. */
  const furnished = async (catalogId: string, resourceId: string) => {
    const packageId = fresh('package')
    await engine.as('alice').ok('createAccessPackage', {
      id: packageId,
      catalogId,
      displayName: 'Ours',
      resourceRoles: [role('chat.member')],
      policies: [
        {
          id: 'free',
          terms: terms({ requestors: { kind: 'directory', principals: [user('sam')] } }),
        },
      ],
    })
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    await engine.as('sam').ok('removeAssignment', { assignmentId })
    await engine.as('alice').ok('changePolicy', {
      packageId,
      policyId: 'free',
      terms: terms({
        requestors: { kind: 'directory', principals: [user('sam')] },
        approval: approvedBy([user('bob')]),
      }),
    })
    const requestId = await request(engine.as('sam'), packageId)
    const { scanId = '' } = await engine
      .as('alice')
      .ok('startDriftScan', { resourceId: 'git', dryRun: true })
    return {
      catalogId,
      resourceId,
      packageId,
      assignmentId,
      requestId,
      fulfilledId: `${packageId}.sam.r1`,
      scanId,
    }
  }

  it('every operation of the API has its row here', () => {
    expect(Object.keys(rows).sort()).toEqual(
      Object.keys(operations)
        .filter((id) => id !== 'health')
        .sort(),
    )
  })

  it('lists show only what the caller may see', async () => {
    const seen = async (name: string) => {
      const caller = callers[name]
      const ids = ({ items }: { readonly items: readonly { readonly id: string }[] }) =>
        items.map(({ id }) => id)
      return {
        requests: ids((await caller?.ok('listRequests', { limit: 200 })) ?? { items: [] }),
        assignments: ids((await caller?.ok('listAssignments', { limit: 200 })) ?? { items: [] }),
      }
    }
    const own = await seen('subject')
    expect([own.requests.length, own.assignments.length]).toEqual([4, 2])
    expect(await seen('userAdministrator')).toEqual(own)
    for (const name of ['owner', 'manager', 'ownerElsewhere']) {
      const { requests, assignments } = await seen(name)
      expect([name, requests.length, assignments.length]).toEqual([name, 2, 1])
    }
    for (const name of ['nobody', 'catalogCreator', 'service'])
      expect(await seen(name)).toEqual({ requests: [], assignments: [] })
  })

  /** What is refused is tried first, so that what is allowed changes nothing under it. */
  const tryAll = async (
    table: Readonly<Record<string, DelegationRow>>,
    may: (row: DelegationRow) => readonly string[],
  ): Promise<void> => {
    const wrong: string[] = []
    for (const [id, row] of Object.entries(table)) {
      const allowed = may(row)
      for (const [name, caller] of Object.entries(callers).sort(
        ([a], [b]) => Number(allowed.includes(a)) - Number(allowed.includes(b)),
      )) {
        const { status, text } = await row.attempt(caller)
        const refused = status === 403 || (row.hides && status === 404)
        if (refused === allowed.includes(name)) wrong.push(`${id} by ${name}: ${status} ${text}`)
        if (status !== 403) continue
        const { code, detail } = JSON.parse(text)
        // But for S11's own rule, which no role helps against.
        if (code !== 'approval.own-request' && !/^To .* the sender needs .*; .*\.$/.test(detail))
          wrong.push(`${id} by ${name} doesn't say what would be enough: ${text}`)
      }
    }
    expect(wrong).toEqual([])
  }

  it("in one's own catalog: every operation, by everybody, is done or refused with the role that would be enough", () =>
    tryAll(rows, ({ may }) => may))

  it('in another catalog a role of this one is worth nothing', () =>
    tryAll(elsewhere, ({ may, mayElsewhere }) => mayElsewhere ?? may))

  it('a refusal names the roles, with the catalog that they are of to who has a role there', async () => {
    const catalogId = fresh('catalog')
    await engine.as('alice').ok('createCatalog', { id: catalogId, displayName: 'Finance' })
    const names = { catalogId, displayName: 'X', description: '' }
    await engine.as('alice').ok('addPackageManager', { catalogId, personId: 'mia' })
    for (const [id, of] of [
      ['mia', 'Finance'],
      ['olga', 'the catalog'],
    ] as const)
      expect(await engine.as(id).refused('renameCatalog', names)).toMatchObject({
        status: 403,
        code: 'catalog.forbidden',
        detail: `To rename this catalog the sender needs Catalog owner of ${of}, or User administrator; ask somebody who has that role.`,
        data: { enoughRoles: ['CatalogOwner', 'UserAdministrator'] },
      })
    // Nor does a guess tell whether there is such a catalog.
    const guess = async (id: string) => {
      const { status, code, detail, data } = await engine
        .as('olga')
        .refused('renameCatalog', { ...names, catalogId: id })
      return { status, code, detail, data }
    }
    expect(await guess('ghost')).toEqual(await guess(catalogId))
  })

  it('whoever is given a role has it at once, and whoever loses it has lost it at once', async () => {
    const catalogId = await givenCatalog(engine)
    const [olga, ben] = [engine.as('olga'), engine.as('ben')]
    const make = { catalogId, displayName: 'By ben' }
    expect((await ben.refused('createAccessPackage', make)).status).toBe(403)
    await olga.ok('addPackageManager', { catalogId, personId: 'ben' })
    const { packageId = '' } = await ben.ok('createAccessPackage', make)
    expect((await ben.ok('listAccessPackages', {})).items.map(({ id }) => id)).toEqual([packageId])
    await olga.ok('removePackageManager', { catalogId, personId: 'ben' })
    expect((await ben.refused('changeAccessPackage', { packageId, hidden: true })).status).toBe(403)
    expect((await ben.refused('getAccessPackage', { packageId })).status).toBe(404)
  })
})
