import type { EventStore } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, roleOf, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { reconcileBatch } from './batch.ts'

const never = new AbortController().signal
const packageId = 'p'
const entitlement = 'p.alice'

describe('reconcile while the roles of the package change', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await createPackage(engine, packageId)
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'repo' })
    await submit(engine, packageId, 'alice')
  })
  afterEach(() => engine.close())

  const change = (type: 'AddResourceRole' | 'RemoveResourceRole') =>
    send(engine, 'admin', { type, packageId, ...roleOf('repo.member') })
  const reconcile = (store: EventStore = engine.parts.store, signal = never) =>
    reconcileBatch({ ...engine.parts, store }, [entitlement], signal)
  const holdsOf = async () =>
    (await engine.typesOf('grant-repo.member.alice')).filter((type) => type.startsWith('Hold'))

  it('takes back nothing that somebody new was given before the roll-out to all others began', async () => {
    // A slow worker delivers the package as it was; a second one, as it is by now, and is stopped before it records
    // that.
    const stop = new AbortController()
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = async () => {
        engine.main.afterGrant = null
        stop.abort()
        throw new Error('interrupted')
      }
      await change('AddResourceRole')
      await reconcile(engine.parts.store, stop.signal)
    }
    await reconcile()
    engine.clock.advance(61_000)
    await reconcile()
    expect(engine.main.held()).toEqual(['repo.member.alice', 'wiki.member.alice'])
    expect(await holdsOf()).toEqual(['HoldAdded.v1'])
  })

  it('takes back nothing on the word of a package that has changed since', async () => {
    await engine.start()
    await engine.settle()
    await change('AddResourceRole')
    await engine.settle()
    await change('RemoveResourceRole')
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    const { store } = engine.parts
    let isFirst = true
    // It falls asleep once it has read the package, and wakes when the role is back and delivered.
    await reconcile({
      ...store,
      readStreams: async (asks) => {
        const read = await store.readStreams(asks)
        if (isFirst) {
          isFirst = false
          await change('AddResourceRole')
          await engine.settle()
        }
        return read
      },
    })
    expect(engine.main.held()).toEqual(['repo.member.alice', 'wiki.member.alice'])
    expect(await holdsOf()).toEqual(['HoldAdded.v1', 'HoldReleased.v1', 'HoldAdded.v1'])
  })
})
