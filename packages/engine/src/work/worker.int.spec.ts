import { exampleTerms } from '@portcullis/domain/testing'
import { readCheckpoints } from '@portcullis/subscriptions'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JOB_ROUTER, MAIL_REACTOR, registerReactors } from '../reactors.ts'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

describe('worker', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
  })
  afterEach(() => engine.close())

  const approve = (packageId: string, subjectId: string) =>
    send(engine, 'lea', {
      type: 'DecideApproval',
      requestId: `${packageId}.${subjectId}.r1`,
      decision: 'approve',
      justification: null,
    })
  const mailed = () => engine.mails.map(({ kind, recipientId }) => `${kind} ${recipientId}`).sort()
  const mailsOf = (id: string) =>
    [`approval-requested lea`, `approval-requested leo`, `approved ${id}`, `delivered ${id}`].sort()

  it('goes on where it stopped: every mail and delivery happens, each mail once', async () => {
    await createPackage(engine, 'p', { terms: exampleTerms() })
    await engine.start()
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await engine.stop()
    await approve('p', 'alice')
    await submit(engine, 'p', 'anna')
    await approve('p', 'anna')
    await engine.start()
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.anna'])
    expect(mailed()).toEqual([...mailsOf('alice'), ...mailsOf('anna')].sort())
    expect(new Set(engine.mails.map(({ messageId }) => messageId)).size).toBe(engine.mails.length)
  })

  it('mails once also when its reactor sees the events again', async () => {
    await createPackage(engine, 'p', { terms: exampleTerms() })
    await engine.start()
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await engine.stop()
    const moved = await engine.pool.query(
      "update portcullis.subscription_checkpoints set position = 0 where name like 'reactor:%'",
    )
    expect(moved.rowCount).toBe(2)
    await engine.start()
    await approve('p', 'alice')
    await engine.settle()
    expect(mailed()).toEqual(mailsOf('alice'))
    expect(engine.main.calls).toEqual(['grant wiki.member.alice'])
  })

  it('starts its reactors at the end of the log when first opened, and never again', async () => {
    await createPackage(engine, 'p', { terms: exampleTerms() })
    const positions = async () => {
      const known = await readCheckpoints(engine.pool, [JOB_ROUTER, MAIL_REACTOR])
      return [...known.values()].map(({ position }) => position)
    }
    const before = await positions()
    expect(before).toHaveLength(2)
    await registerReactors(engine)
    expect(await positions()).toEqual(before)
  })

  it('shares its work with a second one: each mail once', async () => {
    await createPackage(engine, 'p', { terms: exampleTerms() })
    const stop = new AbortController()
    await engine.start()
    const second = engine.worker.run(stop.signal)
    for (const id of ['alice', 'anna', 'ben']) {
      await submit(engine, 'p', id)
      await engine.settle()
      await approve('p', id)
      await engine.settle()
    }
    stop.abort()
    await second
    expect(mailed()).toEqual(['alice', 'anna', 'ben'].flatMap(mailsOf).sort())
    expect(engine.main.held()).toHaveLength(3)
  })

  it('takes nothing from the queue on trust', async () => {
    await engine.start()
    // The first sweep notes in the log what was imported.
    await engine.settle()
    await engine.jobs.enqueue([
      { queue: 'provision', name: 'nonsense', data: {} },
      { queue: 'provision', name: 'constructor', data: {} },
      { queue: 'provision', name: 'reconcile', data: { entitlementIds: 'p.alice' } },
      { queue: 'provision', name: 'reconcile', data: { entitlementIds: ['', 'x'] } },
      { queue: 'provision', name: 'provision', data: { grantIds: ['not a grant'] } },
      { queue: 'mail', name: 'send', data: {} },
      { queue: 'fan-out', name: 'fan-out', data: { packageId: 'p' } },
    ])
    const head = await engine.store.head()
    await engine.jobs.runDue()
    expect((await engine.store.readAll({ after: head, limit: 9 })).events).toEqual([])
    // A grant that there isn't has nothing to be done; the others are tried again until they are given up.
    expect(await engine.jobs.counts('provision')).toMatchObject({ waiting: 0, delayed: 4 })
  })
})
