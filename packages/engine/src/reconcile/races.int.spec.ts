import { addMillis, deriveId } from '@portcullis/core'
import { grantDecider } from '@portcullis/domain'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { provisionBatch, reconcileBatch } from './batch.ts'
import { provisionGrant } from './provisionGrant.ts'
import { reconcileEntitlement } from './reconcileEntitlement.ts'

const never = new AbortController().signal

describe('reconcile, lost, late, repeated and side by side', () => {
  let engine: TestEngine
  let packages = 0
  let pkg = ''
  const grant = 'wiki.member.alice'
  beforeAll(async () => {
    engine = await openTestEngine()
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    packages += 1
    pkg = `p${packages}`
    await createPackage(engine, pkg)
    await submit(engine, pkg, 'alice')
    engine.jobs.wipe()
    return async () => {
      engine.main.afterGrant = null
      engine.main.up()
      const current = await engine.parts.states.entitlement(entitlement())
      if (current.assignments.some(({ status }) => status === 'active')) await end()
      // Leases that a test left behind run out.
      engine.clock.advance(120_000)
      await reconcile()
      expect(engine.main.held()).toEqual([])
    }
  })

  const entitlement = () => `${pkg}.alice`
  const assignmentId = () => `${pkg}.alice.a1`
  const end = () =>
    send(engine, 'alice', {
      type: 'RemoveAssignment',
      assignmentId: assignmentId(),
      justification: null,
    })
  const reconcile = (parts = engine.parts, signal = never) =>
    reconcileEntitlement(parts, entitlement(), signal)
  const grantTypes = () => engine.typesOf(`grant-${grant}`)
  const startOperation = (operationId: string) =>
    engine.parts.handle({
      stream: `grant-${grant}`,
      decider: grantDecider,
      command: { type: 'StartOperation', operationId, observed: 'absent', leaseMillis: 60_000 },
      envelope: {
        commandId: deriveId('spec', operationId),
        actor: { kind: 'system', id: 'provisioning' },
      },
      facts: () => ({ resourceId: 'wiki', roleId: 'member', subjectId: 'alice' }),
    })

  it('changes nothing more when it runs again', async () => {
    await reconcile()
    expect(engine.main.held()).toEqual([grant])
    const head = await engine.store.head()
    for (let run = 0; run < 3; run += 1) await reconcile()
    expect(await engine.store.head()).toBe(head)
  })

  it('does nothing for an entitlement that there isn’t, and nothing when it is told to stop', async () => {
    const head = await engine.store.head()
    expect(await reconcileEntitlement(engine.parts, 'no.body', never)).toEqual({
      alsoAffected: [],
      lookAgain: [],
    })
    await reconcile(engine.parts, AbortSignal.abort())
    expect(await engine.store.head()).toBe(head)
  })

  it('adds no hold after the end, however late a job is (promise 2)', async () => {
    let overtaken = false
    const grantState = engine.parts.states.grant
    const late = {
      ...engine.parts,
      states: {
        ...engine.parts.states,
        grant: async (id: string) => {
          const state = await grantState(id)
          if (!overtaken) {
            overtaken = true
            await end()
            await reconcile()
          }
          return state
        },
      },
    }
    await reconcile(late)
    expect(overtaken).toBe(true)
    expect(engine.main.held()).toEqual([])
    expect((await engine.parts.states.grant(grant)).holders).toEqual([])
    const state = await engine.parts.states.entitlement(entitlement())
    expect(state.assignments).toMatchObject([{ status: 'ended', revoked: true }])
  })

  it('lets one operation through at a time; who comes second looks again when the lease is over', async () => {
    const before = engine.main.calls.length
    const other: Awaited<ReturnType<typeof provisionGrant>>[] = []
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = null
      other.push(await provisionGrant(engine.parts, grant, never))
    }
    await reconcile()
    expect(engine.main.calls.slice(before)).toEqual([`grant ${grant}`])
    expect(other).toMatchObject([
      { changed: false, lookAgainAt: addMillis(engine.clock.now(), 60_000) },
    ])
  })

  it('takes up what a worker left behind when it died, once its lease is over', async () => {
    await engine.parts.handle({
      stream: `grant-${grant}`,
      decider: grantDecider,
      command: { type: 'AddHold', assignmentId: assignmentId() },
      envelope: { commandId: engine.parts.newId(), actor: { kind: 'system', id: 'reconcile' } },
      facts: () => ({ resourceId: 'wiki', roleId: 'member', subjectId: 'alice' }),
    })
    await startOperation(engine.parts.newId())
    await provisionBatch(engine.parts, [grant], never)
    expect(engine.main.held()).toEqual([])
    expect(await engine.jobs.counts('provision')).toMatchObject({ delayed: 1 })
    engine.clock.advance(60_000)
    await provisionBatch(engine.parts, [grant], never)
    expect(engine.main.held()).toEqual([grant])
  })

  it('lets a worker that slept through its lease finish nothing', async () => {
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = null
      engine.clock.advance(61_000)
      await end()
      await reconcile()
      expect(engine.main.held()).toEqual([])
    }
    await reconcile()
    expect(engine.main.held()).toEqual([])
    expect((await grantTypes()).slice(-2)).toEqual(['ProvisioningStarted.v1', 'AccessRevoked.v1'])
  })

  it('gives up a call that takes too long, and tries again', async () => {
    engine.main.afterGrant = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    await reconcile({ ...engine.parts, operationMillis: 20 })
    const last = (await engine.events(`grant-${grant}`)).at(-1)
    expect(last).toMatchObject({
      type: 'ProvisioningFailed.v1',
      data: { transient: true, code: 'provisioning.failed', message: expect.stringMatching(/./) },
    })
    engine.main.afterGrant = null
    engine.clock.advance(10_000)
    await reconcile()
    expect(engine.main.held()).toEqual([grant])
  })

  it('leaves what it was doing to the next one when it is told to stop', async () => {
    const stop = new AbortController()
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = null
      stop.abort()
      throw new Error('interrupted')
    }
    await reconcile(engine.parts, stop.signal)
    expect((await grantTypes()).at(-1)).toBe('ProvisioningStarted.v1')
    engine.clock.advance(61_000)
    await reconcile()
    expect((await grantTypes()).at(-1)).toBe('AccessProvisioned.v1')
  })

  it('finishes the others of a job when one fails, and then fails the job', async () => {
    await submit(engine, pkg, 'anna')
    const { store } = engine.parts
    const broken = {
      ...engine.parts,
      store: {
        ...store,
        readStream: async (stream: string) => {
          if (stream === `entitlement-${entitlement()}`) throw new Error('disk full')
          return store.readStream(stream)
        },
      },
    }
    const both = [entitlement(), `${pkg}.anna`]
    await expect(reconcileBatch(broken, both, never)).rejects.toThrow('disk full')
    expect(engine.main.held()).toEqual(['wiki.member.anna'])
    await reconcileBatch(engine.parts, both, never)
    expect(engine.main.held()).toEqual([grant, 'wiki.member.anna'])
    await send(engine, 'anna', {
      type: 'RemoveAssignment',
      assignmentId: `${pkg}.anna.a1`,
      justification: null,
    })
    await reconcileBatch(engine.parts, [`${pkg}.anna`], never)
  })
})
