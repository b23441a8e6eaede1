import { addMillis } from '@portcullis/core'
import { extent } from '@portcullis/core/testing'
import { inTransaction } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MailPerson } from './lookups.ts'
import { createMailer, messageIdOf } from './mailer.ts'
import { type MailIntent, mailIntent } from './mailIntent.ts'
import { createOutbox, migrateOutbox, type Outbox } from './outbox/outbox.ts'
import { startFlakySmtp } from './testing/flakySmtp.ts'
import { createOrganisation, submission } from './testing/organisation.ts'
import { createSmtpTransport } from './transports/smtpTransport.ts'
import type { MailTransport } from './transports/transport.ts'

const MAILS = extent.mails
const EVENTS = 100
/** Every so many-th recipient has no mailbox. */
const NOBODY = 100
/** Every so many-th mail's process is killed between the server's answer and the mark in the ledger. */
const KILLED = MAILS / 100
/** Of a thousand tries: about 20 in all, however many mails, as each takes as long as the sender waits. */
const NO_ANSWER = 20_000 / MAILS
const SEED = 20_260_301

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  await migrateOutbox(db.pool)
})
afterAll(() => db.close())

it(`sends ${MAILS} mails through a flaky server: none lost, none twice but in-flight ones with the same Message-ID`, async () => {
  let now = '2026-03-01T09:00:00.000Z'
  const random = seeded(SEED)
  const server = await startFlakySmtp(random, { 'no-answer': NO_ANSWER })
  const outbox = createOutbox(db.pool)
  const organisation = createOrganisation()
  const intents: MailIntent[] = []
  for (let event = 0; event < EVENTS; event += 1) {
    const submitted = organisation.happened(submission())
    for (let one = 0; one < MAILS / EVENTS; one += 1)
      intents.push(mailIntent(submitted, 'approval-requested', `p${intents.length}`))
  }
  await inTransaction(db.pool, (tx) => outbox.add(intents, tx, now))

  // What the senders know: tries that ended without an answer may have arrived.
  const inFlight = new Map<string, number>()
  const unanswered = (id: string) => inFlight.set(id, (inFlight.get(id) ?? 0) + 1)
  const smtp = createSmtpTransport({
    url: `smtp://127.0.0.1:${server.port}`,
    timeoutMillis: 1000,
    maxConnections: 16,
  })
  const watched: MailTransport = {
    ...smtp,
    send: async (mail) => {
      const outcome = await smtp.send(mail)
      if (outcome.kind === 'later' && !/^\d{3}/.test(outcome.reply)) unanswered(mail.messageId)
      return outcome
    },
  }
  let killed = 0
  const dying: Outbox = {
    ...outbox,
    accept: async (claimed, ...rest) => {
      if (claimed.attempts > 1 || random() * KILLED >= 1) return outbox.accept(claimed, ...rest)
      killed += 1
      unanswered(messageIdOf(claimed.id, DOMAIN))
      throw new Error('killed')
    },
  }
  const sender = () =>
    createMailer({
      outbox: dying,
      transport: watched,
      clock: { now: () => now },
      from: { name: 'Access', address: `access@${DOMAIN}` },
      lookups: { ...organisation, directory: { ...organisation.directory, people: manyPeople } },
      baseUrl: 'https://access.northwind.example',
      organisation: { name: 'Northwind', zone: 'Europe/Berlin' },
      concurrency: 8,
      log: () => {},
    })
  const { signal } = new AbortController()
  for (let idle = 0; idle < 100; ) {
    const ids = await outbox.unsent({ now, limit: 500 })
    if (ids.length === 0) {
      if ((await outbox.counts()).oldestUnsentAt === null) break
      now = addMillis(now, 600_000)
      idle += 1
    } else {
      // Two processes, which both want a fifth of the mails.
      const [first, second] = [ids.slice(0, ids.length * 0.6), ids.slice(ids.length * 0.4)]
      await Promise.allSettled([first, second].map((some) => sender().send(some, signal)))
    }
  }
  await smtp.close()
  await server.close()

  const refused = MAILS / NOBODY
  expect(await outbox.counts()).toEqual({
    queued: 0,
    sending: 0,
    accepted: MAILS - refused,
    refused,
    withdrawn: 0,
    oldestUnsentAt: null,
  })
  const wanted = intents.flatMap(({ id, recipientId }) =>
    hasMailbox(recipientId) ? [messageIdOf(id, DOMAIN)] : [],
  )
  // None lost, and no Message-ID but ours.
  expect([...server.arrivals.keys()].sort()).toEqual([...wanted].sort())
  // None twice, but for tries whose answer never came.
  const tooOften = wanted.filter(
    (id) => (server.arrivals.get(id) ?? 0) > 1 + (inFlight.get(id) ?? 0),
  )
  expect(tooOften).toEqual([])
  // The faults did strike.
  expect(Math.min(killed, ...Object.values(server.faults))).toBeGreaterThan(0)
  expect([...server.arrivals.values()].some((count) => count > 1)).toBe(true)
  const ledger = await outbox.mails({ limit: MAILS })
  expect(
    ledger.filter(({ status, reply }) => status === 'refused' && reply?.startsWith('550')),
  ).toHaveLength(refused)
}, 600_000)

const DOMAIN = 'northwind.example'

const hasMailbox = (personId: string): boolean => Number(personId.slice(1)) % NOBODY !== 0

const manyPeople = async (ids: readonly string[]): Promise<ReadonlyMap<string, MailPerson>> =>
  new Map(
    ids.map((id) => [
      id,
      {
        id,
        displayName: id,
        email: `${hasMailbox(id) ? '' : 'nobody-'}${id}@${DOMAIN}`,
        enabled: true,
        locale: 'en-GB',
        zone: null,
      },
    ]),
  )

/** mulberry32: the same numbers for the same seed. */
const seeded = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
