import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenAssignment, givenPackage, request } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'
import { until } from './testing/until.ts'

const POLICY = {
  everyMillis: null,
  repairMissing: true,
  removeUnexpected: false,
  removeAtMost: 100,
} as const

/** Scans git to the end and lets everything settle that follows. */
const scan = async (engine: Engine, dryRun = false) => {
  const alice = engine.as('alice')
  const { scanId = '' } = await alice.ok('startDriftScan', { resourceId: 'git', dryRun })
  const found = await until(`scan ${scanId} to end`, async () => {
    const now = await alice.ok('getDriftScan', { scanId })
    return now.endedAt !== null && now
  })
  await engine.quiet()
  const { items } = await alice.ok('listDriftFindings', { scanId })
  return {
    ...found,
    findings: items.map(
      ({ kind, roleId, label, action }) => `${kind} ${roleId} ${label} ${action}`,
    ),
  }
}

describe('Drift, told and repaired', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine({ drift: POLICY })
  })
  afterAll(() => engine.close())

  it('what somebody took away by hand is found and given again; a dry run says so before', async () => {
    const packageId = await givenPackage(engine)
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    engine.steady.takeByHand('git.member.sam')
    expect(await scan(engine, true)).toMatchObject({
      status: 'completed',
      counts: { missing: 1, granted: 1 },
      findings: ['missing member sam grant'],
    })
    expect(engine.steady.held()).toEqual([])
    expect((await scan(engine)).findings).toEqual(['missing member sam grant'])
    expect(engine.steady.held()).toEqual(['git.member.sam'])
    expect((await engine.as('sam').ok('getAssignment', { assignmentId })).status).toBe('Delivered')
    expect((await scan(engine)).findings).toEqual([])
  })

  it('what somebody gave by hand is told and stays; and it is theirs when they are granted it later', async () => {
    engine.steady.giveByHand('git.admin.tess')
    for (const _ of [1, 2])
      expect(await scan(engine)).toMatchObject({
        counts: { unexpected: 1, revoked: 0 },
        findings: ['unexpected admin tess none'],
      })
    expect(engine.steady.held()).toContain('git.admin.tess')
    const packageId = await givenPackage(engine, {}, { roles: ['git.admin'] })
    const assignmentId = await givenAssignment(engine, packageId, 'tess')
    expect((await scan(engine)).findings).toEqual([])
    await engine.as('tess').ok('removeAssignment', { assignmentId })
    await engine.quiet()
    expect(engine.steady.held()).toContain('git.admin.tess')
    expect((await scan(engine)).findings).toEqual([])
  })

  it('what is on its way is no drift', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.reader'] })
    engine.steady.hang()
    await request(engine.as('uma'), packageId)
    await until('the grant to wait', async () => engine.steady.waiting() > 0)
    const { scanId = '' } = await engine.as('alice').ok('startDriftScan', { resourceId: 'git' })
    const found = await until('the scan to end', async () => {
      const now = await engine.as('alice').ok('getDriftScan', { scanId })
      return now.endedAt !== null && now
    })
    expect(found.counts).toMatchObject({ missing: 0, unexpected: 0, skipped: 1 })
    engine.steady.release()
    await engine.quiet()
    expect(engine.steady.held()).toContain('git.reader.uma')
    expect((await scan(engine)).counts).toMatchObject({ missing: 0, unexpected: 0 })
  })

  it('a target that is down makes a failed scan, and nothing else', async () => {
    engine.steady.down()
    expect(await scan(engine)).toMatchObject({
      status: 'failed',
      counts: null,
      error: { code: 'steady.down' },
      findings: [],
    })
    engine.steady.up()
    expect((await scan(engine)).status).toBe('completed')
  })

  it('administrators may, nobody else', async () => {
    const refused = await engine.as('olga').refused('startDriftScan', { resourceId: 'git' })
    expect([refused.status, refused.code]).toEqual([403, 'drift.forbidden'])
  })
})

describe('Drift, where unexpected access is removed', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine({ drift: { ...POLICY, removeUnexpected: true } })
  })
  afterAll(() => engine.close())

  it('what somebody gave by hand goes, with a receipt; what was there before us stays', async () => {
    engine.steady.giveByHand('git.member.sam')
    const packageId = await givenPackage(engine)
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    await engine.as('sam').ok('removeAssignment', { assignmentId })
    engine.steady.giveByHand('git.member.tess')
    expect((await scan(engine, true)).findings).toEqual(['unexpected member tess revoke'])
    expect(engine.steady.held()).toEqual(['git.member.sam', 'git.member.tess'])
    expect((await scan(engine)).findings).toEqual(['unexpected member tess revoke'])
    expect(engine.steady.held()).toEqual(['git.member.sam'])
    const history = await engine.runtime.store.readStream('grant-git.member.tess')
    expect(history.map(({ type }) => type)).toEqual([
      'DriftFound.v3',
      'ProvisioningStarted.v2',
      'AccessRevoked.v3',
    ])
    expect(history.at(-1)?.data).toMatchObject({ receipt: { kind: 'read-back' } })
  })
})
