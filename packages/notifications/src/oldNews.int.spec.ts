import type { RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mailsFor } from './mailsFor.ts'
import { withoutOldNews } from './oldNews.ts'
import { createOutbox, migrateOutbox, type Outbox } from './outbox/outbox.ts'
import {
  createOrganisation,
  delivered,
  ending,
  failed,
  start,
  submission,
} from './testing/organisation.ts'

const NOW = '2026-03-01T09:00:00.000Z'

describe('withoutOldNews', () => {
  let db: TestDatabase
  let outbox: Outbox
  let organisation: ReturnType<typeof createOrganisation>
  beforeAll(async () => {
    db = await testDatabase()
    await migrateOutbox(db.pool)
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.pool.query('truncate portcullis_mail.outbox')
    outbox = createOutbox(db.pool)
    organisation = createOrganisation()
  })

  type Told = Parameters<typeof organisation.happened>[0]
  const happen = (...told: readonly Told[]) =>
    told.map((each) => organisation.happened(each) as RecordedEvent<PortcullisEvent>)
  const mails = async (events: readonly RecordedEvent[]) => {
    const intents = await Promise.all(events.map((event) => mailsFor(event, organisation)))
    return outbox.add(intents.flat(), db.pool, NOW)
  }
  /** What is left to be looked at, and that what was left out would have made no mail. */
  const left = async (...told: readonly Told[]) => {
    const events = happen(...told)
    const kept = await withoutOldNews(events, outbox, db.pool)
    const added = await mails(kept)
    expect(await mails(events.filter((event) => !kept.includes(event)))).toEqual([])
    return { kept: kept.map(({ type }) => type), added: added.length }
  }

  it('keeps the first delivery, and leaves out later ones', async () => {
    expect(await left(submission({ approval: null }), start, delivered(true))).toEqual({
      kept: ['RequestSubmitted.v1', 'AssignmentStarted.v1', 'RolesDelivered.v1'],
      added: 1,
    })
    expect(await left(delivered(true, 2))).toEqual({ kept: [], added: 0 })
    expect(await left(delivered(true, 3))).toEqual({ kept: [], added: 0 })
  })

  it('keeps the delivery after a failure, of an earlier batch or of the same', async () => {
    await left(submission({ approval: null }), start, delivered(true))
    await left(failed)
    expect(await left(delivered(true, 2))).toEqual({ kept: ['RolesDelivered.v1'], added: 1 })
    expect(await left(failed, delivered(true, 3))).toEqual({
      kept: ['DeliveryFailed.v1', 'RolesDelivered.v1'],
      added: 2,
    })
    expect(await left(delivered(true, 4))).toEqual({ kept: [], added: 0 })
  })

  it('passes over what is no delivery, and leaves out what comes after the end', async () => {
    await left(submission({ approval: null }), start, delivered(true))
    expect(await left(ending('expired'))).toEqual({ kept: ['AssignmentEnded.v2'], added: 1 })
    expect(await left(delivered(true, 2))).toEqual({ kept: [], added: 0 })
  })
})
