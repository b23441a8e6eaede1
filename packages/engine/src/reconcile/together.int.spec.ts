import { createBulkHandler } from '@portcullis/core'
import {
  type Connector,
  ConnectorError,
  createMemoryConnector,
  type ManyAtOnce,
  present,
} from '@portcullis/provisioning'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { provisionBatch, reconcileBatch } from './batch.ts'

const never = new AbortController().signal
const PEOPLE = ['alice', 'anna', 'ben']
const ids = PEOPLE.map((id) => `p.${id}`)

describe('reconcile of many together', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await createPackage(engine, 'p')
    for (const id of PEOPLE) await submit(engine, 'p', id)
    engine.jobs.wipe()
  })
  afterEach(() => engine.close())

  /** The engine with a target that takes many, and what is asked of store and target. */
  const watched = (
    change: (connector: Connector, many: ManyAtOnce) => Connector = (same) => same,
  ) => {
    const appends: string[][] = []
    const calls: string[] = []
    const target = createMemoryConnector({ name: 'main' })
    const { many } = target
    const note = (what: string, all: readonly unknown[]) => {
      calls.push(`${what} ${all.length}`)
    }
    const connector = change(
      {
        ...target,
        many: {
          most: many.most,
          readBack: (all, signal) => {
            note('readBack', all)
            return many.readBack(all, signal)
          },
          grant: (all, signal) => {
            note('grant', all)
            return many.grant(all, signal)
          },
          revoke: (all, signal) => {
            note('revoke', all)
            return many.revoke(all, signal)
          },
        },
      },
      many,
    )
    const store = {
      ...engine.store,
      appendAll: (...append: Parameters<typeof engine.store.appendAll>) => {
        const [all] = append
        if (all.length > 0)
          appends.push(all.map(({ events }) => events.map(({ type }) => type).join(' ')))
        return engine.store.appendAll(...append)
      },
    }
    const parts = {
      ...engine.parts,
      store,
      handleMany: createBulkHandler({ store, clock: engine.clock }),
      connectors: new Map([['main', connector]]),
    }
    return { parts, appends, calls, target }
  }
  const three = (type: string) => Array(3).fill(type)

  it('looks, starts, calls and records for all of them at once', async () => {
    const { parts, appends, calls, target } = watched()
    await reconcileBatch(parts, ids, never)
    expect(calls).toEqual(['readBack 3', 'grant 3', 'readBack 3'])
    expect(appends).toEqual([
      three('HoldAdded.v1 ProvisioningStarted.v2'),
      three('AccessProvisioned.v2'),
      three('RolesDelivered.v1'),
    ])
    await reconcileBatch(parts, ids, never)
    expect([calls.length, appends.length]).toEqual([3, 3])
    for (const id of PEOPLE)
      await send(engine, id, {
        type: 'RemoveAssignment',
        assignmentId: `p.${id}.a1`,
        justification: null,
      })
    await reconcileBatch(parts, ids, never)
    expect(calls.slice(3)).toEqual(['readBack 3', 'revoke 3', 'readBack 3'])
    expect(target.memberships()).toEqual([])
  })

  it('keeps what fails for one to that one', async () => {
    const refused = new ConnectorError('main.refused', 'not her', { transient: false })
    const { parts, appends } = watched((connector, many) => ({
      ...connector,
      many: {
        ...many,
        readBack: async (all) =>
          all.map(({ subject }) => (subject.id === 'anna' ? refused : present())),
      },
    }))
    await reconcileBatch(parts, ids, never)
    expect(appends[0]).toEqual([
      'HoldAdded.v1 PreexistingAccessFound.v3',
      'HoldAdded.v1 ProvisioningFailed.v1',
      'HoldAdded.v1 PreexistingAccessFound.v3',
    ])
    expect(appends[1]).toEqual(['RolesDelivered.v1', 'DeliveryFailed.v1', 'RolesDelivered.v1'])
  })

  it('takes a call that fails for all as a failure of each, and tries each again', async () => {
    let down = true
    const { parts, target } = watched((connector, many) => ({
      ...connector,
      many: {
        ...many,
        grant: async (all, signal) => {
          if (down) throw new Error('connection reset')
          return many.grant(all, signal)
        },
      },
    }))
    await reconcileBatch(parts, ids, never)
    for (const id of PEOPLE)
      expect(await engine.typesOf(`grant-wiki.member.${id}`)).toEqual([
        'HoldAdded.v1',
        'ProvisioningStarted.v2',
        'ProvisioningFailed.v1',
      ])
    down = false
    engine.clock.advance(3_600_000)
    await provisionBatch(
      parts,
      PEOPLE.map((id) => `wiki.member.${id}`),
      never,
    )
    expect(target.memberships().map(({ subject }) => subject)).toEqual(PEOPLE)
    // The job tells those who hold the grants.
    expect(await engine.jobs.counts('provision')).toMatchObject({ waiting: 1 })
  })

  it('holds nobody up by a connector that hangs, but those who wait for it', async () => {
    await createPackage(engine, 'q', { roles: ['crm.member'] })
    await submit(engine, 'q', 'ben')
    const { parts } = watched()
    const hanging = Promise.withResolvers<void>()
    const recorded = Promise.withResolvers<void>()
    const { handleMany } = parts
    const slow: Connector = {
      ...engine.other,
      readBack: async (access, signal) => {
        await hanging.promise
        return engine.other.readBack(access, signal)
      },
    }
    const running = reconcileBatch(
      {
        ...parts,
        connectors: new Map([...parts.connectors, ['other', slow]]),
        handleMany: async (items) => {
          const outcomes = await handleMany(items)
          if (items.some(({ stream }) => stream === 'entitlement-p.ben')) recorded.resolve()
          return outcomes
        },
      },
      [...ids, 'q.ben'],
      never,
    )
    await recorded.promise
    expect(await engine.typesOf('entitlement-p.ben')).toContain('RolesDelivered.v1')
    expect(await engine.typesOf('entitlement-q.ben')).not.toContain('RolesDelivered.v1')
    hanging.resolve()
    await running
    expect(await engine.typesOf('entitlement-q.ben')).toContain('RolesDelivered.v1')
  })
})
