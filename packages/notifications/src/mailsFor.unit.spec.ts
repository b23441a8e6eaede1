import type { PortcullisEvent } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import { mailsFor } from './mailsFor.ts'
import {
  ASSIGNMENT,
  createOrganisation,
  delivered,
  denial,
  EXTENSION,
  ending,
  extended,
  extension,
  failed,
  granted,
  REQUEST,
  reminder,
  start,
  submission,
  timeout,
} from './testing/organisation.ts'

/** Mails because of the last of these events, as `kind > recipient`. */
const after = async (...events: readonly PortcullisEvent[]): Promise<readonly string[]> => {
  const organisation = createOrganisation()
  const recorded = events.map((event) => organisation.happened(event))
  const last = recorded.at(-1)
  if (last === undefined) throw new Error('no event')
  return (await mailsFor(last, organisation)).map((mail) => `${mail.kind} > ${mail.recipientId}`)
}

describe('which mails an event causes', () => {
  it('asks every enabled approver once, of groups too, never the subject', async () => {
    expect(await after(submission())).toEqual([
      'approval-requested > bob',
      'approval-requested > mei',
    ])
  })

  it('asks nobody when nothing is to be approved', async () => {
    expect(await after(submission({ approval: null }))).toEqual([])
    expect(
      await after(submission(), {
        type: 'RequestAutoApproved.v1',
        data: { requestId: REQUEST, reason: 'policy-without-approval' },
      }),
    ).toEqual([])
  })

  it('asks the next stage, then tells the subject', async () => {
    const first = granted(REQUEST, 1, { stage: 2, decideBy: '2026-03-20T09:00:00.000Z' })
    expect(await after(submission(), first)).toEqual(['approval-requested > mei'])
    expect(await after(submission(), first, granted(REQUEST, 2, null))).toEqual([
      'approved > alice',
    ])
  })

  it('asks whoever may decide once somebody can who couldn’t before, at the stage that is open', async () => {
    const missing = (stage: number) =>
      ({ type: 'ApproverMissing.v1', data: { requestId: REQUEST, stage } }) as const
    const found = (stage: number) =>
      ({ type: 'ApproverFound.v1', data: { requestId: REQUEST, stage } }) as const
    expect(await after(submission(), missing(1), found(1))).toEqual([
      'approval-requested > bob',
      'approval-requested > mei',
    ])
    const first = granted(REQUEST, 1, { stage: 2, decideBy: '2026-03-20T09:00:00.000Z' })
    expect(await after(submission(), first, missing(2), found(2))).toEqual([
      'approval-requested > mei',
    ])
  })

  it('tells the subject of a denial, and everybody of a timeout (S13)', async () => {
    expect(await after(submission(), denial(REQUEST))).toEqual(['denied > alice'])
    expect(await after(submission(), timeout(REQUEST))).toEqual([
      'timed-out > alice',
      'approval-timed-out > bob',
      'approval-timed-out > mei',
    ])
  })

  it('says "extended" instead of "approved" for an extension', async () => {
    expect(await after(submission(), start, extension, granted(EXTENSION, 1, null))).toEqual([])
    expect(await after(submission(), start, extension, extended)).toEqual(['extended > alice'])
    expect(await after(submission(), start, extension)).toEqual([
      'approval-requested > bob',
      'approval-requested > mei',
    ])
  })

  it('reminds of the end (S15) and tells of it', async () => {
    for (const [offset, kind] of [
      ['P14D', 'ends-in-14-days'],
      ['P1D', 'ends-in-1-day'],
    ] as const) {
      expect(await after(submission(), start, reminder(offset))).toEqual([`${kind} > alice`])
    }
    expect(await after(submission(), start, ending('expired'))).toEqual(['ended > alice'])
  })

  it('tells of delivery once all is there, and of each failure', async () => {
    expect(await after(submission(), start, delivered(false))).toEqual([])
    expect(await after(submission(), start, delivered(true))).toEqual(['delivered > alice'])
    expect(await after(submission(), start, failed)).toEqual(['partly-delivered > alice'])
    expect(await after(submission(), start, ending('expired'), failed)).toEqual([])
    expect(await after(submission(), start, ending('expired'), delivered(true))).toEqual([])
  })

  it('gives "delivered" the same key until something fails in between', async () => {
    const organisation = createOrganisation()
    for (const event of [submission(), start]) organisation.happened(event)
    const keyAfter = async (...events: readonly PortcullisEvent[]) => {
      const last = events.map((event) => organisation.happened(event)).at(-1)
      const [mail] = last === undefined ? [] : await mailsFor(last, organisation)
      return mail?.key
    }
    const first = await keyAfter(delivered(true))
    expect(await keyAfter(delivered(true, 2))).toBe(first)
    const second = await keyAfter(failed, delivered(true, 2))
    expect(second).not.toBe(first)
    expect(await keyAfter(delivered(true, 3))).toBe(second)
  })

  it('says the same each time it is asked, with ids that follow from the event', async () => {
    const organisation = createOrganisation()
    const event = organisation.happened(submission())
    const mails = await mailsFor(event, organisation)
    expect(await mailsFor(event, organisation)).toEqual(mails)
    expect(new Set(mails.map(({ id }) => id)).size).toBe(2)
    expect(new Set(mails.map(({ key }) => key)).size).toBe(2)
    for (const mail of mails) {
      expect(mail).toMatchObject({ eventId: event.id, stream: event.stream, revision: '0' })
      expect(mail.id).toMatch(/^[0-9a-f-]{14}5/)
    }
  })

  it.each<PortcullisEvent>([
    { type: 'RequestCancelled.v1', data: { requestId: REQUEST, by: 'alice', reason: null } },
    {
      type: 'RolesRevoked.v1',
      data: { assignmentId: ASSIGNMENT, roles: [], complete: true, rolesVersion: 1 },
    },
    {
      type: 'ExtensionReminderSkipped.v1',
      data: { assignmentId: ASSIGNMENT, endVersion: 1, offset: 'P1D', reason: 'end-reached' },
    },
  ])('sends nothing for $type', async (event) => {
    expect(await after(submission(), start, event)).toEqual([])
  })
})
