import { addMillis } from '@portcullis/core'
import { entitlementStream } from '@portcullis/domain'
import { inTransaction } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMailer, messageIdOf } from './mailer.ts'
import { mailIntent } from './mailIntent.ts'
import { createOutbox, migrateOutbox, type Outbox } from './outbox/outbox.ts'
import {
  createOrganisation,
  denial,
  type Organisation,
  PACKAGE,
  submission,
} from './testing/organisation.ts'
import { type SmtpPeer, startSmtpPeer } from './testing/smtpPeer.ts'
import { createSmtpTransport } from './transports/smtpTransport.ts'
import type { MailTransport } from './transports/transport.ts'

const START = '2026-03-01T09:00:00.000Z'
const WINDOW = 15 * 60_000
const MINUTE = 60_000

describe('digest for approvers, over SMTP', () => {
  let db: TestDatabase
  let outbox: Outbox
  let peer: SmtpPeer
  let transport: MailTransport
  let organisation: Organisation
  let now: string

  beforeAll(async () => {
    db = await testDatabase()
    await migrateOutbox(db.pool)
    outbox = createOutbox(db.pool, { digestMillis: WINDOW })
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.pool.query('truncate portcullis_mail.outbox')
    now = START
    organisation = createOrganisation()
    peer = await startSmtpPeer()
    transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}` })
  })
  afterEach(async () => {
    await transport.close()
    await peer.close()
  })

  /** Somebody asks, and a mail to each of these approvers is queued. */
  const asks = async (subjectId: string, ...approverIds: readonly string[]) => {
    const requestId = `${PACKAGE}.${subjectId}.r1`
    const event = organisation.happened(
      submission({ requestId, subjectId, requestorId: subjectId }),
      entitlementStream(`${PACKAGE}.${subjectId}`),
    )
    const intents = approverIds.map((id) => mailIntent(event, 'approval-requested', id))
    const queued = await inTransaction(db.pool, (tx) => outbox.add(intents, tx, now))
    return intents.map(({ id }) => ({ id, dueAt: queued.find((one) => one.id === id)?.dueAt }))
  }
  const denied = (subjectId: string) =>
    organisation.happened(
      denial(`${PACKAGE}.${subjectId}.r1`),
      entitlementStream(`${PACKAGE}.${subjectId}`),
    )
  const mailer = (used: Outbox = outbox) =>
    createMailer({
      outbox: used,
      transport,
      clock: { now: () => now },
      from: { name: 'Access', address: 'access@northwind.example' },
      lookups: organisation,
      baseUrl: 'https://access.northwind.example',
      organisation: { name: 'Northwind', zone: 'Europe/Berlin' },
      log: () => {},
    })
  const sendDue = async (used: Outbox = outbox) =>
    mailer(used).send(await used.unsent({ now, limit: 100 }), new AbortController().signal)
  const ledger = async () =>
    new Map((await outbox.mails({ limit: 100 })).map((mail) => [mail.id, mail]))

  it('makes one mail of many within the window, for each approver by themselves', async () => {
    const [first, toMei] = await asks('alice', 'bob', 'mei')
    expect(first?.dueAt).toBe(addMillis(START, WINDOW))
    now = addMillis(START, 10 * MINUTE)
    const [second] = await asks('carol', 'bob')
    const [third] = await asks('emil', 'bob')
    expect(await sendDue()).toMatchObject({ accepted: 0, skipped: 0 })
    now = addMillis(START, WINDOW)
    expect(await sendDue()).toMatchObject({ accepted: 2, later: [] })
    const digest = peer.mails.find(({ subject }) => subject?.includes('3 requests'))
    expect(digest?.subject).toBe(
      'Please approve: 3 requests wait for you, first Álice Đặng for Marketing & "Büro"',
    )
    expect(digest?.messageId).toBe(messageIdOf(first?.id ?? '', 'northwind.example'))
    expect(digest?.headers.get('x-portcullis-kind')).toBe('approval-digest')
    for (const name of ['ÁLICE ĐẶNG', 'CAROL BCC: EVERYBODY@EXAMPLE.COM', 'ÉMILE'])
      expect(digest?.text).toContain(`${name} ASKS FOR MARKETING & "BÜRO"`)
    expect(digest?.text).toContain('/v1/requests/REQUEST/approve')
    expect(peer.mails.find((mail) => mail !== digest)?.subject).toMatch(/^Please approve by/)
    const lines = await ledger()
    expect(lines.get(toMei?.id ?? '')).toMatchObject({ status: 'accepted', digestId: null })
    expect(lines.get(first?.id ?? '')).toMatchObject({ status: 'accepted', digestId: null })
    for (const covered of [second, third])
      expect(lines.get(covered?.id ?? '')).toMatchObject({
        status: 'accepted',
        digestId: first?.id,
        attempts: 1,
        reply: expect.stringContaining('250'),
      })
    now = addMillis(START, 2 * WINDOW)
    expect(await sendDue()).toMatchObject({ accepted: 0, skipped: 0 })
  })

  it('leaves out what was decided meanwhile, and sends nothing when all was', async () => {
    const [first] = await asks('alice', 'bob')
    const [second] = await asks('carol', 'bob')
    const [third] = await asks('emil', 'bob')
    denied('alice')
    now = addMillis(START, WINDOW)
    expect(await sendDue()).toMatchObject({ accepted: 1 })
    expect(peer.mails[0]?.text).not.toContain('ÁLICE')
    expect(peer.mails[0]?.text).toContain('2 requests wait')
    const lines = await ledger()
    expect([first, second, third].map((one) => lines.get(one?.id ?? '')?.status)).toEqual([
      'withdrawn',
      'accepted',
      'accepted',
    ])
    await asks('dora', 'bob')
    denied('dora')
    now = addMillis(now, WINDOW)
    expect(await sendDue()).toMatchObject({ accepted: 0, withdrawn: 1 })
    expect(peer.seen).toHaveLength(1)
    expect(await outbox.counts()).toMatchObject({ queued: 0, withdrawn: 2, oldestUnsentAt: null })
  })

  it('is the ordinary mail when only one is left', async () => {
    await asks('alice', 'bob')
    await asks('carol', 'bob')
    denied('alice')
    now = addMillis(START, WINDOW)
    await sendDue()
    expect(peer.mails[0]?.subject).toMatch(/^Please approve by .*: Carol/)
    expect(peer.mails[0]?.headers.get('x-portcullis-kind')).toBe('approval-requested')
  })

  it('covers the same at every try, so that who got it unanswered misses nothing', async () => {
    const [first] = await asks('alice', 'bob')
    now = addMillis(START, MINUTE)
    await asks('carol', 'bob')
    now = addMillis(START, WINDOW)
    peer.dropAfterData()
    expect(await sendDue()).toMatchObject({ later: [{ id: first?.id }] })
    const [late] = await asks('emil', 'bob')
    now = addMillis(now, MINUTE)
    expect(await sendDue()).toMatchObject({ accepted: 1 })
    expect(peer.seen.map(({ messageId }) => messageId)).toEqual(
      Array(2).fill(messageIdOf(first?.id ?? '', 'northwind.example')),
    )
    for (const { text } of peer.seen) expect(text).toContain('2 requests wait')
    now = addMillis(late?.dueAt ?? '', 0)
    expect(await sendDue()).toMatchObject({ accepted: 1 })
    expect(peer.mails.at(-1)?.subject).toMatch(/: Émile asks/)
  })

  it('is taken over whole when its sender died, and refused whole', async () => {
    const [first] = await asks('alice', 'bob')
    const [second] = await asks('carol', 'bob')
    now = addMillis(START, WINDOW)
    const dying: Outbox = { ...outbox, accept: () => Promise.reject(new Error('killed')) }
    await expect(sendDue(dying)).rejects.toThrow('killed')
    expect(await sendDue()).toMatchObject({ accepted: 0, skipped: 0 })
    now = addMillis(now, 600_000)
    peer.refuseRecipients(550)
    expect(await sendDue()).toMatchObject({ refused: 1 })
    const lines = await ledger()
    for (const one of [first, second])
      expect(lines.get(one?.id ?? '')).toMatchObject({ status: 'refused', attempts: 2 })
    // Whichever of them is tried again, they go together.
    expect(await outbox.retryNow([second?.id ?? ''], now)).toEqual([second?.id])
    expect(await sendDue()).toMatchObject({ accepted: 1 })
    expect(peer.mails.at(-1)?.text).toContain('2 requests wait')
  })

  it('is one even when several processes send at once', async () => {
    for (let each = 0; each < 12; each += 1) await asks(`p${each}`, 'bob')
    now = addMillis(START, WINDOW)
    const ids = await outbox.unsent({ now, limit: 100 })
    expect(ids).toHaveLength(12)
    const { signal } = new AbortController()
    await Promise.all([1, 2, 3].map(() => mailer().send(ids, signal)))
    expect(peer.mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('12 requests'),
    ])
  })

  it('is cut into several before mail programs cut it', async () => {
    const worst = '"'.repeat(2000)
    for (let each = 0; each < 40; each += 1) {
      const subjectId = `${'p'.repeat(60)}${each}`
      const stream = entitlementStream(`${PACKAGE}.${subjectId}`)
      const requestId = `${PACKAGE}.${subjectId}.r1`
      const event = organisation.happened(
        submission({ requestId, subjectId, justification: worst }),
        stream,
      )
      await inTransaction(db.pool, (tx) =>
        outbox.add([mailIntent(event, 'approval-requested', 'bob')], tx, now),
      )
    }
    now = addMillis(START, WINDOW)
    expect(await sendDue()).toMatchObject({ accepted: 2 })
    expect(peer.mails.map(({ subject }) => /\d+ requests/.exec(subject ?? '')?.[0]).sort()).toEqual(
      ['10 requests', '30 requests'],
    )
    for (const { html } of peer.mails) expect(Buffer.byteLength(html || '')).toBeLessThan(102_000)
  })

  it('lets every other mail go at once, and all when it is off', async () => {
    const off = createOutbox(db.pool)
    const event = organisation.happened(submission())
    const other = organisation.happened(denial(`${PACKAGE}.alice.r1`))
    await inTransaction(db.pool, async (tx) => {
      expect(await outbox.add([mailIntent(other, 'denied', 'alice')], tx, now)).toMatchObject([
        { dueAt: START },
      ])
      expect(
        await off.add([mailIntent(event, 'approval-requested', 'bob')], tx, now),
      ).toMatchObject([{ dueAt: START }])
    })
    // Without a digest a mail tells what happened, decided or not.
    expect(await sendDue(off)).toMatchObject({ accepted: 2 })
  })
})
