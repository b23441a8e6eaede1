import { addMillis, createBulkHandler } from '@portcullis/core'
import { type GrantCommand, grantDecider } from '@portcullis/domain'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { provisionBatch, reconcileBatch } from './batch.ts'
import { noFollowUps } from './followUps.ts'
import { loadGrants } from './grants.ts'
import { type ProvisionResult, provisionGrants } from './provisionGrants.ts'
import { reconcileEntitlements } from './reconcileEntitlements.ts'
import { grantIds } from './targets.ts'

const never = new AbortController().signal

const reconcileOne = async (
  parts: TestEngine['parts'],
  id: string,
  signal = never,
): Promise<ReturnType<typeof noFollowUps>> => {
  const followUps = noFollowUps()
  await reconcileEntitlements(parts, [id], followUps, signal)
  return followUps
}

const provisionOne = async (
  parts: TestEngine['parts'],
  id: string,
): Promise<readonly ProvisionResult[]> => {
  const ended: ProvisionResult[] = []
  const tasks = [...(await loadGrants(parts.store, [id]))].map(([grantId, grant]) => ({
    grantId,
    grant,
    holds: [],
  }))
  const done = async (results: readonly ProvisionResult[]) => {
    ended.push(...results)
  }
  await provisionGrants(parts, tasks, done, never)
  return ended
}

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
    reconcileOne(parts, entitlement(), signal)
  const grantTypes = () => engine.typesOf(`grant-${grant}`)
  const tellGrant = (id: string, command: GrantCommand) =>
    engine.parts.handle({
      stream: `grant-${id}`,
      decider: grantDecider,
      command,
      envelope: {
        commandId: engine.parts.newId(),
        actor: { kind: 'system', id: 'provisioning' },
      },
      facts: () => grantIds(id),
    })
  const startOperation = async (operationId: string, id = grant) =>
    tellGrant(id, {
      type: 'StartOperation',
      operationId,
      observed: 'absent',
      lookedAt: (await engine.parts.states.grant(id)).news,
      leaseMillis: 60_000,
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
    expect(await reconcileOne(engine.parts, 'no.body')).toEqual(noFollowUps())
    await reconcile(engine.parts, AbortSignal.abort())
    expect(await engine.store.head()).toBe(head)
  })

  it('adds no hold after the end, however late a job is (promise 2)', async () => {
    let overtaken = false
    const { store } = engine.parts
    const slow = {
      ...store,
      readStreams: async (asks: Parameters<typeof store.readStreams>[0]) => {
        const read = await store.readStreams(asks)
        if (!overtaken && asks.some(({ stream }) => stream.startsWith('grant-'))) {
          overtaken = true
          await end()
          await reconcile()
        }
        return read
      },
    }
    const late = {
      ...engine.parts,
      store: slow,
      handleMany: createBulkHandler({ store: slow, clock: engine.clock }),
    }
    await reconcile(late)
    expect(overtaken).toBe(true)
    expect(engine.main.held()).toEqual([])
    expect((await engine.parts.states.grant(grant)).holders).toEqual([])
    const state = await engine.parts.states.entitlement(entitlement())
    expect(state.assignments).toMatchObject([{ status: 'ended', revoked: true }])
  })

  it('gives nothing to what a late job holds after the end, also of a role that the package had lost (promise 2)', async () => {
    const role = { resourceId: 'wiki', roleId: 'member' } as const
    await send(engine, 'admin', { type: 'RemoveResourceRole', packageId: pkg, ...role })
    await end()
    await reconcile()
    const state = await engine.parts.states.entitlement(entitlement())
    expect(state.assignments).toMatchObject([{ status: 'ended', revoked: true }])
    await tellGrant(grant, { type: 'AddHold', assignmentId: assignmentId() })
    const before = engine.main.calls.length
    await provisionBatch(engine.parts, [grant], never)
    expect(engine.main.calls.slice(before)).not.toContain(`grant ${grant}`)
    expect(engine.main.held()).toEqual([])
    expect((await engine.parts.states.grant(grant)).holders).toEqual([])
  })

  it('takes back what a late job gave after the end, when that came while the target was at it (promise 2)', async () => {
    const role = { resourceId: 'wiki', roleId: 'member' } as const
    await tellGrant(grant, { type: 'AddHold', assignmentId: assignmentId() })
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = null
      await send(engine, 'admin', { type: 'RemoveResourceRole', packageId: pkg, ...role })
      await end()
    }
    await provisionBatch(engine.parts, [grant], never)
    expect(engine.main.held()).toEqual([grant])
    await reconcile()
    expect(engine.main.held()).toEqual([])
    expect((await engine.parts.states.grant(grant)).holders).toEqual([])
  })

  it('lets one operation through at a time; who comes second looks again when the lease is over', async () => {
    const before = engine.main.calls.length
    const other: ProvisionResult[] = []
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = null
      other.push(...(await provisionOne(engine.parts, grant)))
    }
    await reconcile()
    expect(engine.main.calls.slice(before)).toEqual([`grant ${grant}`])
    expect(other).toMatchObject([
      { changed: false, lookAgainAt: addMillis(engine.clock.now(), 60_000) },
    ])
  })

  it('takes up what a worker left behind when it died, once its lease is over', async () => {
    await tellGrant(grant, { type: 'AddHold', assignmentId: assignmentId() })
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
    expect((await grantTypes()).slice(-2)).toEqual(['ProvisioningStarted.v2', 'AccessRevoked.v3'])
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
    expect((await grantTypes()).at(-1)).toBe('ProvisioningStarted.v2')
    engine.clock.advance(61_000)
    await reconcile()
    expect((await grantTypes()).at(-1)).toBe('AccessProvisioned.v2')
  })

  it('records the whole when somebody else ends what was under way when it was looked at', async () => {
    const both = `${pkg}-both`
    await createPackage(engine, both, { roles: ['wiki.editor', 'crm.member'] })
    await submit(engine, both, 'ben')
    const other = 'crm.member.ben'
    const operationId = engine.parts.newId()
    await tellGrant(other, { type: 'AddHold', assignmentId: `${both}.ben.a1` })
    await startOperation(operationId, other)
    engine.main.afterGrant = async () => {
      const readAt = engine.clock.now()
      const done = { type: 'CompleteOperation', readBack: 'present', readAt, operationId } as const
      await tellGrant(other, done)
    }
    await reconcileOne(engine.parts, `${both}.ben`)
    const { assignments } = await engine.parts.states.entitlement(`${both}.ben`)
    expect(assignments[0]?.complete).toBe(true)
    engine.main.afterGrant = null
    const assignment = { assignmentId: `${both}.ben.a1`, justification: null }
    await send(engine, 'ben', { type: 'RemoveAssignment', ...assignment })
    await reconcileOne(engine.parts, `${both}.ben`)
  })

  it('finishes the others of a job when one fails, and then fails the job', async () => {
    await submit(engine, pkg, 'anna')
    const { store } = engine.parts
    const broken = {
      ...engine.parts,
      store: {
        ...store,
        readStreams: async (asks: Parameters<typeof store.readStreams>[0]) => {
          if (asks.some(({ stream }) => stream === `entitlement-${entitlement()}`))
            throw new Error('disk full')
          return store.readStreams(asks)
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
