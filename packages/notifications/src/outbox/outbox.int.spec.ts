import { inTransaction } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MailIntent } from '../mailIntent.ts'
import { mailIntent } from '../mailIntent.ts'
import { createOrganisation, submission } from '../testing/organisation.ts'
import { createOutbox, migrateOutbox, type Outbox } from './outbox.ts'

const NOW = '2026-03-01T09:00:00.000Z'
const LEASE = '2026-03-01T09:10:00.000Z'
const AFTER = '2026-03-01T09:10:00.001Z'

describe('outbox', () => {
  let db: TestDatabase
  let outbox: Outbox
  beforeAll(async () => {
    db = await testDatabase()
    await migrateOutbox(db.pool)
    await migrateOutbox(db.pool)
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.pool.query('truncate portcullis_mail.outbox')
    outbox = createOutbox(db.pool)
  })

  const event = createOrganisation().happened(submission())
  const intents: readonly MailIntent[] = ['bob', 'mei', 'o\u2019brien'].map((id) =>
    mailIntent(event, 'approval-requested', id),
  )
  const add = (some: readonly MailIntent[]) =>
    inTransaction(db.pool, async (tx) => (await outbox.add(some, tx, NOW)).map(({ id }) => id))
  const one = async () => {
    const [id] = await add(intents.slice(0, 1))
    if (id === undefined) throw new Error('nothing added')
    return id
  }

  it('queues each mail once, by its key', async () => {
    expect([...(await add(intents))].sort()).toEqual(intents.map(({ id }) => id).sort())
    expect(await add(intents)).toEqual([])
    const sameNews = { ...intents[0], id: 'c1b9b1a0-5f8e-5d7a-9d5b-0b1c8f6a7e31' } as MailIntent
    expect(await add([sameNews])).toEqual([])
    expect(await add([])).toEqual([])
    expect([...(await outbox.unsent({ now: NOW, limit: 10 }))].sort()).toEqual(
      intents.map(({ id }) => id).sort(),
    )
    expect(await outbox.unsent({ now: NOW, limit: 2 })).toHaveLength(2)
  })

  it('keeps the first of the events that tell the same news, also when they come together', async () => {
    const organisation = createOrganisation()
    const told = [submission(), submission()].map((news) => organisation.happened(news))
    const people = Array.from({ length: 50 }, (_, index) => `p${index}`)
    const [first = [], second = []] = told.map((each) =>
      people.map((id) => mailIntent(each, 'delivered', id, 'news')),
    )
    const added = await add([...first, ...second])
    expect([...added].sort()).toEqual(first.map(({ id }) => id).sort())
  })

  it('takes the same mails from two transactions at once, each once', async () => {
    for (let round = 0; round < 20; round += 1) {
      await db.pool.query('truncate portcullis_mail.outbox')
      const both = await Promise.all([add(intents), add([...intents].reverse())])
      expect(both.flat().sort()).toEqual(intents.map(({ id }) => id).sort())
    }
  })

  it('forgets what was queued in a transaction that failed', async () => {
    const failing = inTransaction(db.pool, async (tx) => {
      await outbox.add(intents, tx, NOW)
      throw new Error('checkpoint lost')
    })
    await expect(failing).rejects.toThrow('checkpoint lost')
    expect(await outbox.unsent({ now: NOW, limit: 10 })).toEqual([])
  })

  it('gives a mail to one of many claimants', async () => {
    const id = await one()
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => outbox.claim(id, { now: NOW, leaseUntil: LEASE })),
    )
    expect(claims.filter((claim) => claim !== undefined)).toMatchObject([{ id, attempts: 1 }])
    expect(await outbox.unsent({ now: NOW, limit: 10 })).toEqual([])
  })

  it('gives it to another when the claim has ended, and then not the first one ends it', async () => {
    const id = await one()
    const first = await outbox.claim(id, { now: NOW, leaseUntil: LEASE })
    expect(await outbox.unsent({ now: AFTER, limit: 10 })).toEqual([id])
    const second = await outbox.claim(id, { now: AFTER, leaseUntil: '2026-03-01T09:20:00.000Z' })
    if (first === undefined || second === undefined) throw new Error('not claimed')
    expect(second.attempts).toBe(2)
    expect(await outbox.refuse(first, AFTER, '550 too late')).toBe(false)
    expect(await outbox.accept(second, AFTER, '250 fine')).toBe(true)
    expect(await outbox.mails({ limit: 10 })).toMatchObject([
      { id, status: 'accepted', attempts: 2, reply: '250 fine', dueAt: null },
    ])
  })

  it('never gives out what is done', async () => {
    for (const end of ['accept', 'refuse'] as const) {
      await db.pool.query('truncate portcullis_mail.outbox')
      const id = await one()
      const claim = await outbox.claim(id, { now: NOW, leaseUntil: LEASE })
      if (claim === undefined) throw new Error('not claimed')
      await outbox[end](claim, NOW, 'said \0 something')
      expect(await outbox.claim(id, { now: AFTER, leaseUntil: LEASE })).toBeUndefined()
      expect(await outbox.unsent({ now: '2099-01-01T00:00:00.000Z', limit: 10 })).toEqual([])
      expect(await add(intents.slice(0, 1))).toEqual([])
    }
  })

  it('waits for the next try', async () => {
    const id = await one()
    const claim = await outbox.claim(id, { now: NOW, leaseUntil: LEASE })
    if (claim === undefined) throw new Error('not claimed')
    await outbox.retryAt(claim, NOW, '451 later', AFTER)
    expect(await outbox.claim(id, { now: LEASE, leaseUntil: LEASE })).toBeUndefined()
    expect(await outbox.unsent({ now: LEASE, limit: 1 })).toEqual([])
    expect(await outbox.unsent({ now: AFTER, limit: 1 })).toEqual([id])
  })

  it('gives a mail out that a clock which was ahead has put off, or claimed, for longer than any waits', async () => {
    const id = await one()
    const ahead = { now: '2026-03-16T09:00:00.000Z', leaseUntil: '2026-03-16T09:10:00.000Z' }
    const first = await outbox.claim(id, ahead)
    if (first === undefined) throw new Error('not claimed')
    // Its process died with the claim.
    expect(await outbox.unsent({ now: NOW, limit: 1 })).toEqual([id])
    const second = await outbox.claim(id, { now: NOW, leaseUntil: LEASE })
    if (second === undefined) throw new Error('not claimed')
    await outbox.retryAt(second, NOW, '451 later', '2026-03-16T10:00:00.000Z')
    expect(await outbox.unsent({ now: NOW, limit: 1 })).toEqual([id])
    const third = await outbox.claim(id, { now: NOW, leaseUntil: LEASE })
    if (third === undefined) throw new Error('not claimed')
    // The longest that a mail waits is its own.
    await outbox.retryAt(third, NOW, '451 later', '2026-03-01T10:00:00.000Z')
    expect(await outbox.unsent({ now: NOW, limit: 1 })).toEqual([])
    expect(await outbox.claim(id, { now: NOW, leaseUntil: LEASE })).toBeUndefined()
  })

  it('makes refused and waiting mails due again, and leaves the others', async () => {
    const ids = await add(intents)
    const [accepted = '', refused = '', waiting = ''] = ids
    const claim = async (id: string) => {
      const claimed = await outbox.claim(id, { now: AFTER, leaseUntil: LEASE })
      if (claimed === undefined) throw new Error('not claimed')
      return claimed
    }
    await outbox.accept(await claim(accepted), NOW, '250 fine')
    await outbox.refuse(await claim(refused), NOW, '550 no such mailbox')
    await outbox.retryAt(await claim(waiting), NOW, '451 later', '2026-03-01T12:00:00.000Z')
    const unknown = crypto.randomUUID()
    const again = await outbox.retryNow([...ids, unknown], AFTER)
    expect([...again].sort()).toEqual([refused, waiting].sort())
    expect([...(await outbox.unsent({ now: AFTER, limit: 10 }))].sort()).toEqual(
      [refused, waiting].sort(),
    )
    expect(await outbox.mails({ status: 'accepted', limit: 10 })).toMatchObject([{ id: accepted }])
    // The reply stays readable until the next try says something else.
    expect(await outbox.mails({ status: 'queued', limit: 10 })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: refused, attempts: 1, reply: '550 no such mailbox' }),
      ]),
    )
    await claim(refused)
    expect(await outbox.retryNow([refused], AFTER)).toEqual([])
  })

  it('shows the ledger by recipient and by event, and counts', async () => {
    await add(intents)
    expect(await outbox.mails({ recipientId: 'mei', limit: 10 })).toMatchObject([
      { ...intents[1], status: 'queued', attempts: 0, reply: null, dueAt: NOW },
    ])
    expect(await outbox.mails({ eventId: event.id, limit: 2 })).toHaveLength(2)
    expect(await outbox.mails({ eventId: crypto.randomUUID(), limit: 2 })).toEqual([])
    const [{ id } = { id: '' }] = intents
    const claim = await outbox.claim(id, { now: NOW, leaseUntil: LEASE })
    if (claim === undefined) throw new Error('not claimed')
    expect(await outbox.counts()).toEqual({
      queued: 2,
      sending: 1,
      accepted: 0,
      refused: 0,
      withdrawn: 0,
      oldestUnsentAt: event.metadata.at,
    })
    await db.pool.query('truncate portcullis_mail.outbox')
    expect((await outbox.counts()).oldestUnsentAt).toBeNull()
  })
})
