import { DEFAULT_DRIFT_POLICY } from '@portcullis/provisioning'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { createSweep } from '../work/sweep.ts'
import { runScans } from './scanJob.ts'

describe('a scan for drift', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
  })
  afterEach(() => engine.close())

  const assigned = async (packageId: string, roles: readonly string[], ...people: string[]) => {
    await createPackage(engine, packageId, { roles })
    for (const person of people) await submit(engine, packageId, person)
    await engine.settle()
  }
  const removed = async (assignmentId: string): Promise<void> => {
    const subject = assignmentId.split('.')[1] ?? ''
    await send(engine, subject, { type: 'RemoveAssignment', assignmentId, justification: null })
  }
  /** Scans wiki to the end, then lets everything settle that follows. */
  const scan = async (dryRun = false) => {
    const { result } = await send(engine, 'admin', {
      type: 'StartDriftScan',
      resourceId: 'wiki',
      dryRun,
    })
    await runScans(engine.parts, 'wiki', new AbortController().signal)
    await engine.settle()
    const scanId = result.scanId ?? ''
    const found = await engine.driftRecords.scan(scanId)
    const findings = await engine.driftRecords.findings(scanId, null, 1000)
    return {
      ...found,
      findings: findings.map(
        ({ kind, roleId, label, action }) => `${kind} ${roleId} ${label}: ${action}`,
      ),
    }
  }
  const removing = (removeAtMost = 100) =>
    engine.driftPolicies.set('main', {
      ...DEFAULT_DRIFT_POLICY,
      everyMillis: null,
      removeUnexpected: true,
      removeAtMost,
    })
  const driftIn = async (grant: string) =>
    (await engine.typesOf(`grant-${grant}`)).filter((type) => type.startsWith('Drift'))
  const NOTHING = {
    missing: 0,
    unexpected: 0,
    unmatched: 0,
    skipped: 0,
    granted: 0,
    revoked: 0,
    gone: 0,
  }

  it('finds nothing where all is as it should be', async () => {
    await assigned('p', ['wiki.member'], 'alice', 'ben')
    expect(await scan()).toMatchObject({
      status: 'completed',
      counts: { ...NOTHING, holders: 2, expected: 2 },
      findings: [],
    })
  })

  it('gives again what somebody took away by hand', async () => {
    await assigned('p', ['wiki.member'], 'alice', 'ben')
    await engine.main.byHand('revoke', 'wiki.member.alice')
    expect(await scan()).toMatchObject({
      counts: { ...NOTHING, holders: 1, expected: 2, missing: 1, granted: 1 },
      findings: ['missing member alice: grant'],
    })
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.ben'])
    expect((await engine.typesOf('grant-wiki.member.alice')).slice(-3)).toEqual([
      'DriftFound.v3',
      'ProvisioningStarted.v2',
      'AccessProvisioned.v2',
    ])
    expect((await scan()).counts).toMatchObject({ missing: 0 })
  })

  it('gives nothing again to somebody who has left, notes that, and gives it when they are back', async () => {
    await assigned('p', ['wiki.member'], 'alice', 'ben')
    const left = (...ids: readonly string[]) =>
      importOrganisation(
        engine.pool,
        {
          people: ORGANISATION.people.map((one) =>
            ids.includes(one.id) ? { ...one, enabled: false } : one,
          ),
        },
        { now: engine.clock.now() },
      )
    const recorded = async (stream: string) =>
      (await engine.typesOf(`entitlement-${stream}`)).filter((type) => type === 'RolesWithheld.v1')
    await left('alice')
    for (const id of ['alice', 'ben']) await engine.main.byHand('revoke', `wiki.member.${id}`)
    expect(await scan(true)).toMatchObject({
      counts: { missing: 2, granted: 1 },
      findings: ['missing member alice: none', 'missing member ben: grant'],
    })
    expect(await scan()).toMatchObject({
      counts: { missing: 2, granted: 1 },
      findings: ['missing member alice: none', 'missing member ben: grant'],
    })
    expect(engine.main.held()).toEqual(['wiki.member.ben'])
    expect(await recorded('p.alice')).toEqual(['RolesWithheld.v1'])
    expect(await recorded('p.ben')).toEqual([])
    await createSweep(engine.parts)(new AbortController().signal)
    await engine.settle()
    expect(await recorded('p.alice')).toHaveLength(1)
    await left()
    await engine.caughtUp()
    await createSweep(engine.parts)(new AbortController().signal)
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.ben'])
  })

  it('only tells it where policy says so, and reprocessing gives it again', async () => {
    engine.driftPolicies.set('main', { ...DEFAULT_DRIFT_POLICY, repairMissing: false })
    await assigned('p', ['wiki.member'], 'alice')
    await engine.main.byHand('revoke', 'wiki.member.alice')
    for (const _ of [1, 2])
      expect(await scan()).toMatchObject({ findings: ['missing member alice: none'] })
    expect(engine.main.held()).toEqual([])
    expect(await driftIn('wiki.member.alice')).toEqual(['DriftFound.v3'])
    await send(engine, 'admin', { type: 'ReprocessAssignment', assignmentId: 'p.alice.a1' })
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect((await scan()).findings).toEqual([])
  })

  it('tells what somebody gave by hand, once, and leaves it; and that it is gone', async () => {
    await assigned('p', ['wiki.member'], 'alice')
    await engine.main.byHand('grant', 'wiki.editor.ben')
    for (const _ of [1, 2])
      expect(await scan()).toMatchObject({
        counts: { ...NOTHING, holders: 2, expected: 1, unexpected: 1 },
        findings: ['unexpected editor ben: none'],
      })
    expect(engine.main.held()).toContain('wiki.editor.ben')
    expect(await driftIn('wiki.editor.ben')).toEqual(['DriftFound.v3'])
    await engine.main.byHand('revoke', 'wiki.editor.ben')
    expect(await scan()).toMatchObject({ counts: { unexpected: 0, gone: 1 }, findings: [] })
    expect(await driftIn('wiki.editor.ben')).toEqual(['DriftFound.v3', 'DriftGone.v1'])
  })

  it('takes it away with a receipt where policy says so', async () => {
    removing()
    await assigned('p', ['wiki.member'], 'alice')
    await engine.main.byHand('grant', 'wiki.member.ben')
    expect(await scan()).toMatchObject({
      counts: { unexpected: 1, revoked: 1 },
      findings: ['unexpected member ben: revoke'],
    })
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await engine.typesOf('grant-wiki.member.ben')).toEqual([
      'DriftFound.v3',
      'ProvisioningStarted.v2',
      'AccessRevoked.v3',
    ])
  })

  it('takes away what an earlier scan left, once policy says so', async () => {
    await engine.main.byHand('grant', 'wiki.member.ben')
    await scan()
    removing()
    await scan()
    expect(engine.main.held()).toEqual([])
  })

  it('never takes away what was there before us (promise 4)', async () => {
    removing()
    await engine.main.byHand('grant', 'wiki.member.alice')
    await assigned('p', ['wiki.member'], 'alice')
    await removed('p.alice.a1')
    await engine.settle()
    expect(await scan()).toMatchObject({ counts: { ...NOTHING, holders: 1 }, findings: [] })
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
  })

  it('takes nothing away when it would be more than policy lets one scan take', async () => {
    removing(2)
    for (const person of ['ben', 'carl', 'dora'])
      await engine.main.byHand('grant', `wiki.member.${person}`)
    expect(await scan()).toMatchObject({
      heldBack: true,
      counts: { unexpected: 3, revoked: 0 },
    })
    expect(engine.main.held()).toHaveLength(3)
  })

  it('takes no role from somebody who has another one of the resource by us', async () => {
    removing()
    await assigned('p', ['wiki.member'], 'alice')
    await engine.main.byHand('grant', 'wiki.editor.alice')
    expect((await scan()).findings).toEqual(['unexpected editor alice: none'])
    expect(engine.main.held()).toEqual(['wiki.editor.alice', 'wiki.member.alice'])
  })

  it('tells whom the directory does not know, and never takes from them', async () => {
    removing()
    await engine.main.byHand('grant', 'wiki.member.service-account')
    expect(await scan()).toMatchObject({
      counts: { holders: 1, unmatched: 1, unexpected: 0 },
      findings: ['unmatched member service-account: none'],
    })
    expect(engine.main.held()).toEqual(['wiki.member.service-account'])
  })

  it('says in a dry run what it would do, and changes nothing', async () => {
    removing()
    await assigned('p', ['wiki.member'], 'alice')
    await engine.main.byHand('revoke', 'wiki.member.alice')
    await engine.main.byHand('grant', 'wiki.member.ben')
    const head = await engine.store.head()
    expect(await scan(true)).toMatchObject({
      dryRun: true,
      counts: { missing: 1, unexpected: 1, granted: 1, revoked: 1 },
      findings: ['missing member alice: grant', 'unexpected member ben: revoke'],
    })
    expect(await engine.store.head()).toBe(head)
    expect(engine.main.held()).toEqual(['wiki.member.ben'])
  })

  it('takes nobody’s race with it for drift', async () => {
    removing()
    await assigned('p', ['wiki.member'], 'alice', 'ben')
    engine.main.afterPage = async () => {
      engine.main.afterPage = null
      await removed('p.alice.a1')
      await submit(engine, 'p', 'carl')
      await engine.settle()
    }
    expect(await scan()).toMatchObject({
      counts: { missing: 0, unexpected: 0, skipped: 2 },
      findings: [],
    })
    // Begun, but not done: a job is due that hasn't run.
    engine.main.afterPage = async () => {
      engine.main.afterPage = null
      await removed('p.ben.a1')
      await submit(engine, 'p', 'dora')
    }
    expect((await scan()).findings).toEqual([])
    for (const person of ['alice', 'ben', 'carl', 'dora'])
      expect(await driftIn(`wiki.member.${person}`)).toEqual([])
    expect(engine.main.held()).toEqual(['wiki.member.carl', 'wiki.member.dora'])
  })
})
