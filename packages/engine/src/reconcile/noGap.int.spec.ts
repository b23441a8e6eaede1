import { addMillis, createBulkHandler, type EventStore } from '@portcullis/core'
import { type EntitlementCommand, entitlementDecider, entitlementStream } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINE_FACTS } from '../facts/engineFacts.ts'
import { rollOut } from '../rollOut/fanOut.ts'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, openTerms, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { provisionBatch, reconcileBatch } from './batch.ts'

const never = new AbortController().signal
const GRANT = 'wiki.member.alice'
const TIMER = { kind: 'system', id: 'timer' } as const

/** Package `first` is Alice's until `END`; `second` confers the same role. */
describe('one role, two packages (promise 4)', () => {
  let engine: TestEngine
  let END = ''
  beforeEach(async () => {
    engine = await openTestEngine()
    END = addMillis(engine.clock.now(), 3_600_000)
    const terms = openTerms({ expiration: { kind: 'afterHours', hours: 1 } })
    await createPackage(engine, 'first', { terms })
    await createPackage(engine, 'second')
    await submit(engine, 'first', 'alice')
    await engine.project()
    await reconcile('first')
    expect(engine.main.held()).toEqual([GRANT])
  })
  afterEach(async () => {
    expect(revokes()).toEqual(allowed)
    allowed = []
    await engine.close()
  })
  let allowed: readonly string[] = []

  const revokes = () => engine.main.calls.filter((call) => call.startsWith('revoke'))
  const reconcile = (packageId: string, store: EventStore = engine.store) =>
    reconcileBatch(partsOn(store), [`${packageId}.alice`], never)
  const partsOn = (store: EventStore) => ({
    ...engine.parts,
    store,
    handleMany: createBulkHandler({ store, clock: engine.clock }),
  })
  const tell = (packageId: string, command: EntitlementCommand, gone = false) =>
    engine.parts.handle({
      stream: entitlementStream(`${packageId}.alice`),
      decider: entitlementDecider,
      command,
      envelope: { commandId: engine.parts.newId(), actor: TIMER },
      facts: () => ({
        ...ENGINE_FACTS,
        package: { exists: true, policies: [] },
        subject: { exists: true, enabled: !gone },
      }),
    })
  const expire = () =>
    tell('first', { type: 'ExpireAssignment', assignmentId: 'first.alice.a1', endVersion: 1 })
  const start = ({ gone = false } = {}) =>
    tell('second', { type: 'StartAssignment', assignmentId: 'second.alice.a1' }, gone)
  const enable = (enabled: boolean) =>
    importOrganisation(engine.pool, {
      people: ORGANISATION.people.map((one) => (one.id === 'alice' ? { ...one, enabled } : one)),
    })
  const assignSecond = (startAt: string | null) =>
    send(engine, 'admin', {
      type: 'AssignDirectly',
      packageId: 'second',
      subjectId: 'alice',
      policyId: 'standard',
      startAt,
      endAt: null,
      justification: null,
    })
  const holders = async () => (await engine.parts.states.grant(GRANT)).holders
  const remove = (packageId: string) =>
    send(engine, 'alice', {
      type: 'RemoveAssignment',
      assignmentId: `${packageId}.alice.a1`,
      justification: null,
    })
  /** Something happens right after the engine has begun an operation, or read something. */
  const disturbed = (type: string, happens: () => Promise<unknown>): EventStore => {
    let before = true
    return {
      ...engine.store,
      appendAll: async (appends, options) => {
        const appended = await engine.store.appendAll(appends, options)
        if (before && appends.some(({ events }) => events.some((event) => event.type === type))) {
          before = false
          await happens()
        }
        return appended
      },
    }
  }

  it('stays when the other assignment has started, and whoever was to give it its hold was killed', async () => {
    engine.clock.set(END)
    await assignSecond(null)
    engine.jobs.wipe()
    await expire()
    await reconcile('first')
    expect(await holders()).toEqual(['second.alice.a1'])
    const { assignments } = await engine.parts.states.entitlement('first.alice')
    expect(assignments).toMatchObject([
      { revoked: true, roles: [{ status: { kind: 'revoked', kept: 'other-assignment' } }] },
    ])
  })

  it('stays when the other one starts in the instant of the end, whichever timer is told first', async () => {
    await assignSecond(END)
    engine.clock.set(END)
    await expire()
    await reconcile('first')
    expect(await holders()).toEqual([])
    await start()
    await reconcile('second')
    expect(await holders()).toEqual(['second.alice.a1'])
    await reconcile('first')
    expect((await engine.parts.states.entitlement('first.alice')).assignments).toMatchObject([
      { revoked: true },
    ])
  })

  it('stays though the clock of whoever revokes is behind that of whoever ended it', async () => {
    await assignSecond(END)
    engine.clock.set(END)
    await expire()
    engine.clock.set(addMillis(END, -300))
    await reconcile('first')
    engine.clock.set(END)
    await start()
    await reconcile('second')
    expect(await holders()).toEqual(['second.alice.a1'])
  })

  it('waits by looking again, and tells the first one when it is settled', async () => {
    await assignSecond(END)
    engine.clock.set(END)
    await expire()
    await reconcile('first')
    expect(await engine.jobs.counts('provision')).toMatchObject({ delayed: 1 })
    engine.jobs.wipe()
    await start()
    await reconcile('second')
    // The follow-up is a reconcile of the first entitlement.
    expect(await engine.jobs.counts('provision')).toMatchObject({ waiting: 1 })
  })

  it('goes when the start is called off, however long it was waited for', async () => {
    const { result } = await assignSecond(END)
    engine.clock.set(END)
    await expire()
    await reconcile('first')
    await send(engine, 'admin', {
      type: 'CancelRequest',
      requestId: result.requestId ?? '',
      reason: null,
    })
    await provisionBatch(engine.parts, [GRANT], never)
    expect(engine.main.held()).toEqual([])
    allowed = [`revoke ${GRANT}`]
  })

  it('goes when the other one’s start is withheld from somebody who has left, and comes back with them', async () => {
    await assignSecond(END)
    await enable(false)
    engine.clock.set(END)
    await expire()
    // Nobody has said yet that it doesn't start.
    await reconcile('first')
    expect(engine.main.held()).toEqual([GRANT])
    await start({ gone: true })
    await reconcile('second')
    await provisionBatch(engine.parts, [GRANT], never)
    expect(await engine.typesOf('entitlement-second.alice')).toContain('StartWithheld.v1')
    expect([engine.main.held(), await holders()]).toEqual([[], []])
    allowed = [`revoke ${GRANT}`]
    await enable(true)
    await tell('second', {
      type: 'LookAtSubject',
      assignmentId: 'second.alice.a1',
      since: END,
      endsAt: null,
      end: false,
    })
    await reconcile('second')
    expect([engine.main.held(), await holders()]).toEqual([[GRANT], ['second.alice.a1']])
  })

  it('stays with somebody who has left, when the other assignment had started before', async () => {
    engine.clock.set(END)
    await assignSecond(null)
    await enable(false)
    await expire()
    await reconcile('first')
    expect(await holders()).toEqual(['second.alice.a1'])
  })

  it('goes when the first one is removed long before the other one starts', async () => {
    await assignSecond(END)
    await remove('first')
    await reconcile('first')
    expect(engine.main.held()).toEqual([])
    allowed = [`revoke ${GRANT}`]
  })

  it('goes when the other package doesn’t confer it yet', async () => {
    await createPackage(engine, 'third', { roles: ['repo.member'] })
    await submit(engine, 'third', 'alice')
    await reconcile('third')
    await send(engine, 'admin', {
      type: 'AddResourceRole',
      packageId: 'third',
      resourceId: 'wiki',
      roleId: 'member',
      rollOut: 'held',
    })
    await remove('first')
    await reconcile('first')
    expect(engine.main.held()).toEqual(['repo.member.alice'])
    allowed = [`revoke ${GRANT}`]
  })

  it('stays by a package that got the role a moment ago, of which no view shows anything', async () => {
    await createPackage(engine, 'third', { roles: ['repo.member'] })
    // This process has looked before, and knows of no third package with that role.
    await engine.parts.rolePackages.of([{ resourceId: 'wiki', roleId: 'member' }])
    await send(engine, 'admin', {
      type: 'AddResourceRole',
      packageId: 'third',
      resourceId: 'wiki',
      roleId: 'member',
    })
    await submit(engine, 'third', 'alice')
    await remove('first')
    await reconcile('first')
    expect(await holders()).toEqual(['third.alice.a1'])
  })

  it('stays when the other one starts after the revoke was decided, and before it began', async () => {
    await remove('first')
    await reconcile(
      'first',
      disturbed('ProvisioningStarted.v2', () => assignSecond(null)),
    )
    expect(await holders()).toEqual(['second.alice.a1'])
    expect(await engine.parts.states.grant(GRANT)).toMatchObject({
      actual: 'present',
      inFlight: null,
      failure: null,
    })
  })

  it('stays when one package gives the role up and the other has it', async () => {
    await assignSecond(null)
    const role = { resourceId: 'wiki', roleId: 'member' }
    await send(engine, 'admin', { type: 'RemoveResourceRole', packageId: 'first', ...role })
    const projections = { ...engine.parts.projections, waitForView: async () => true }
    await rollOut({ ...engine.parts, projections }, 'first', '1', never)
    await reconcile('first')
    expect(await holders()).toEqual(['second.alice.a1'])
  })

  it('is not granted for an assignment that ends while the target is looked at', async () => {
    const before = engine.main.calls.length
    await createPackage(engine, 'third', { roles: ['repo.member'] })
    await submit(engine, 'third', 'alice')
    const readBack = engine.main.readBack
    engine.main.readBack = async (access, signal) => {
      engine.main.readBack = readBack
      const seen = await readBack(access, signal)
      await remove('third')
      return seen
    }
    await reconcile('third')
    expect(await engine.typesOf('grant-repo.member.alice')).not.toContain('HoldAdded.v1')
    expect(engine.main.calls.slice(before)).toEqual([])
  })

  it('is not granted for an assignment that ends when the operation has begun', async () => {
    const before = engine.main.calls.length
    await createPackage(engine, 'third', { roles: ['repo.member'] })
    await submit(engine, 'third', 'alice')
    await reconcile(
      'third',
      disturbed('ProvisioningStarted.v2', () => remove('third')),
    )
    expect(engine.main.calls.slice(before)).not.toContain('grant repo.member.alice')
    expect((await engine.parts.states.grant('repo.member.alice')).holders).toEqual([])
    allowed = revokes()
  })
})
