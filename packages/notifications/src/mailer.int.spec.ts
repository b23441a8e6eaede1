import { addMillis } from '@portcullis/core'
import { inTransaction } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMailer, type MailerOptions, messageIdOf } from './mailer.ts'
import { type MailIntent, mailIntent } from './mailIntent.ts'
import { createOutbox, migrateOutbox, type Outbox } from './outbox/outbox.ts'
import { createOrganisation, type Organisation, submission } from './testing/organisation.ts'
import { type SmtpPeer, startSmtpPeer } from './testing/smtpPeer.ts'
import { createSmtpTransport } from './transports/smtpTransport.ts'
import type { MailTransport } from './transports/transport.ts'

describe('mailer over SMTP', () => {
  let db: TestDatabase
  let outbox: Outbox
  let peer: SmtpPeer
  let transport: MailTransport
  let organisation: Organisation
  let now: string
  const { signal } = new AbortController()

  beforeAll(async () => {
    db = await testDatabase()
    await migrateOutbox(db.pool)
    outbox = createOutbox(db.pool)
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.pool.query('truncate portcullis_mail.outbox')
    now = '2026-03-01T09:00:00.000Z'
    organisation = createOrganisation()
    peer = await startSmtpPeer()
    transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}`, timeoutMillis: 20_000 })
  })
  afterEach(async () => {
    await transport.close()
    await peer.close()
  })

  const mailer = (options: Partial<MailerOptions> = {}) =>
    createMailer({
      outbox,
      transport,
      clock: { now: () => now },
      from: { name: 'Northwind Åccess', address: 'access@northwind.example' },
      lookups: organisation,
      baseUrl: 'https://access.northwind.example',
      organisation: { name: 'Northwind', zone: 'Europe/Berlin' },
      log: () => {},
      ...options,
    })
  const queue = async (...recipientIds: readonly string[]): Promise<readonly MailIntent[]> => {
    const event = organisation.happened(submission())
    const intents = recipientIds.map((id) => mailIntent(event, 'approval-requested', id))
    await inTransaction(db.pool, (tx) => outbox.add(intents, tx, now))
    return intents
  }
  const idsOf = (intents: readonly MailIntent[]) => intents.map(({ id }) => id)
  const ledger = async () => (await outbox.mails({ limit: 100 }))[0]

  it('delivers, and what arrives is what was meant', async () => {
    const intents = await queue('mei')
    expect(await mailer().send(idsOf(intents), signal)).toEqual({
      accepted: 1,
      refused: 0,
      withdrawn: 0,
      skipped: 0,
      later: [],
    })
    const [mail] = peer.mails
    expect(mail?.from?.value).toEqual([
      { name: 'Northwind Åccess', address: 'access@northwind.example' },
    ])
    expect(mail?.to).toMatchObject({ value: [{ name: '陈美', address: 'mei@northwind.example' }] })
    expect(mail?.subject).toBe(
      'Please approve by 2026年3月15日: Álice Đặng asks for Marketing & "Büro"',
    )
    expect(mail?.text).toContain('> For the <b>spring</b> campaign.')
    expect(mail?.html).toContain('&lt;b&gt;spring&lt;/b&gt;')
    expect(mail?.messageId).toBe(messageIdOf(intents[0]?.id ?? '', 'northwind.example'))
    expect(mail?.date).toEqual(new Date(now))
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail?.headers.get('x-portcullis-event')).toBe(intents[0]?.eventId)
    expect(await ledger()).toMatchObject({
      status: 'accepted',
      reply: expect.stringContaining('250'),
    })
  })

  it('lets nobody add a header or a recipient by their name', async () => {
    await mailer().send(idsOf(await queue('carol', 'bob')), signal)
    expect(peer.mails).toHaveLength(2)
    for (const mail of peer.mails) {
      expect(mail.bcc).toBeUndefined()
      expect(mail.headers.has('bcc')).toBe(false)
      expect(mail.to).toMatchObject({ value: [{ address: expect.any(String) }] })
    }
    const names = peer.mails.flatMap(({ to }) =>
      to === undefined || Array.isArray(to) ? [] : to.value.map(({ name }) => name),
    )
    expect(names.sort()).toEqual(['Bob "the Boss" <O\'Neil>', 'Carol Bcc: everybody@example.com'])
  })

  it.each([
    ['recipient', () => peer.refuseRecipients(450)],
    ['message', () => peer.refuseMessages(451)],
  ])('waits a minute when the %s is greylisted, then delivers', async (_, fault) => {
    fault()
    const intents = await queue('bob')
    const dueAt = addMillis(now, 60_000)
    expect(await mailer().send(idsOf(intents), signal)).toMatchObject({
      accepted: 0,
      later: [{ id: intents[0]?.id, dueAt }],
    })
    expect(await ledger()).toMatchObject({
      status: 'queued',
      dueAt,
      reply: expect.stringMatching(/^45[01].*greylisted/),
    })
    expect(await mailer().send(idsOf(intents), signal)).toMatchObject({ skipped: 1 })
    now = dueAt
    expect(await outbox.unsent({ now, limit: 10 })).toEqual(idsOf(intents))
    expect(await mailer().send(idsOf(intents), signal)).toMatchObject({ accepted: 1 })
    expect(peer.mails).toHaveLength(1)
  })

  it.each([
    ['recipient', () => peer.refuseRecipients(550)],
    ['message', () => peer.refuseMessages(554)],
  ])('keeps the reply when the %s is refused for good; others go on', async (_, fault) => {
    fault()
    const summary = await mailer({ concurrency: 1 }).send(idsOf(await queue('bob', 'mei')), signal)
    expect(summary).toMatchObject({ accepted: 1, refused: 1, later: [] })
    expect(peer.mails).toHaveLength(1)
    const refused = (await outbox.mails({ limit: 10 })).filter((m) => m.status === 'refused')
    expect(refused).toMatchObject([{ reply: expect.stringMatching(/^55[04].*no such mailbox/) }])
    expect(await outbox.unsent({ now: '2099-01-01T00:00:00.000Z', limit: 10 })).toEqual([])
  })

  it('sends again with the same Message-ID when the connection broke in the middle', async () => {
    peer.dropInData()
    const ids = idsOf(await queue('bob'))
    expect(await mailer().send(ids, signal)).toMatchObject({ later: [{ id: ids[0] }] })
    now = addMillis(now, 60_000)
    expect(await mailer().send(ids, signal)).toMatchObject({ accepted: 1 })
    expect(peer.mails.map(({ messageId }) => messageId)).toEqual([
      messageIdOf(ids[0] ?? '', 'northwind.example'),
    ])
  })

  it('sends again with the same Message-ID when the answer got lost', async () => {
    peer.dropAfterData()
    const ids = idsOf(await queue('bob'))
    expect(await mailer().send(ids, signal)).toMatchObject({ later: [{ id: ids[0] }] })
    now = addMillis(now, 60_000)
    expect(await mailer().send(ids, signal)).toMatchObject({ accepted: 1 })
    const messageIds = peer.seen.map(({ messageId }) => messageId)
    expect(messageIds).toEqual(Array(2).fill(messageIdOf(ids[0] ?? '', 'northwind.example')))
  })

  it('sends again after a process died between the answer and the mark', async () => {
    const ids = idsOf(await queue('bob'))
    const dying: Outbox = { ...outbox, accept: () => Promise.reject(new Error('killed')) }
    await expect(mailer({ outbox: dying }).send(ids, signal)).rejects.toThrow('killed')
    expect(await mailer().send(ids, signal)).toMatchObject({ skipped: 1 })
    now = addMillis(now, 600_000)
    expect(await outbox.unsent({ now, limit: 10 })).toEqual(ids)
    expect(await mailer().send(ids, signal)).toMatchObject({ accepted: 1 })
    expect(new Set(peer.mails.map(({ messageId }) => messageId)).size).toBe(1)
    expect(peer.mails).toHaveLength(2)
  })

  it('sends each once when several processes are told to', async () => {
    const ids = idsOf(await queue('bob', 'mei', 'carol', 'alice'))
    const summaries = await Promise.all([1, 2, 3].map(() => mailer().send(ids, signal)))
    expect(summaries.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(4)
    expect(peer.mails).toHaveLength(4)
  })

  it('refuses what can reach nobody, and says why', async () => {
    const ids = idsOf(await queue('nobody', 'nomail'))
    expect(await mailer().send(ids, signal)).toMatchObject({ refused: 2 })
    expect((await outbox.mails({ limit: 10 })).map(({ reply }) => reply).sort()).toEqual([
      'the directory has no such person',
      'the directory has no usable e-mail address of this person',
    ])
  })

  it('keeps mails when the server is away or the directory broken, and logs it', async () => {
    const logged: unknown[] = []
    await peer.close()
    const ids = idsOf(await queue('bob'))
    const log: MailerOptions['log'] = (message, data) => logged.push({ message, ...data })
    expect(await mailer({ log }).send(ids, signal)).toMatchObject({ later: [{ id: ids[0] }] })
    now = addMillis(now, 60_000)
    const lookups = {
      ...organisation,
      directory: {
        ...organisation.directory,
        people: () => Promise.reject(new Error('connection terminated')),
      },
    }
    expect(await mailer({ log, lookups }).send(ids, signal)).toMatchObject({
      later: [{ id: ids[0], dueAt: addMillis(now, 120_000) }],
    })
    expect(logged).toMatchObject([
      { message: 'mail put off', recipientId: 'bob', attempts: 1 },
      { message: 'mail put off', reply: 'connection terminated', attempts: 2 },
    ])
    peer = await startSmtpPeer()
  })

  it('tries hourly at least while the server is away for a week, and then delivers once', async () => {
    const away = peer.port
    await peer.close()
    const ids = idsOf(await queue('bob'))
    const start = now
    const back = addMillis(start, 7 * 86_400_000)
    let tries = 0
    for (; now < back; tries += 1) {
      const { later } = await mailer().send(ids, signal)
      const dueAt = later[0]?.dueAt ?? ''
      expect(dueAt > now && dueAt <= addMillis(now, 3_600_000)).toBe(true)
      now = dueAt
    }
    expect(tries).toBeGreaterThan(7 * 24)
    expect(await outbox.counts()).toMatchObject({ queued: 1, oldestUnsentAt: start })
    peer = await startSmtpPeer({}, away)
    expect(await mailer().send(ids, signal)).toMatchObject({ accepted: 1 })
    expect(await mailer().send(ids, signal)).toMatchObject({ skipped: 1 })
    expect(peer.mails.map(({ messageId }) => messageId)).toEqual([
      messageIdOf(ids[0] ?? '', 'northwind.example'),
    ])
  })

  it('leaves the rest queued when it is told to stop', async () => {
    const ids = idsOf(await queue('bob', 'mei'))
    expect(await mailer().send(ids, AbortSignal.abort())).toMatchObject({ accepted: 0 })
    expect(await outbox.unsent({ now, limit: 10 })).toHaveLength(2)
  })

  it('says where answers go, when that is elsewhere', async () => {
    const replyTo = { name: 'Help, desk', address: 'help@northwind.example' }
    await mailer({ replyTo }).send(idsOf(await queue('bob')), signal)
    expect(peer.mails[0]?.replyTo?.value).toEqual([replyTo])
  })

  it('refuses a sender or a reply address that is no address', () => {
    const broken = { name: 'x', address: 'a@b.example, c@d.example' }
    expect(() => mailer({ replyTo: broken })).toThrow(/reply-to/)
    expect(() => mailer({ from: { name: 'x', address: 'a@b.example\r\nBcc: c@d' } })).toThrow(
      /sender/,
    )
  })
})
