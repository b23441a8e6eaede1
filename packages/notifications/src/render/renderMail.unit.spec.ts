import type { PortcullisEvent } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import type { MailKind } from '../mailIntent.ts'
import { mailIntent } from '../mailIntent.ts'
import {
  ASSIGNMENT,
  AT,
  createOrganisation,
  delivered,
  denial,
  EXTENSION,
  ending,
  extended,
  extension,
  failed,
  granted,
  people,
  REQUEST,
  reminder,
  start,
  submission,
  terms,
  timeout,
} from '../testing/organisation.ts'
import { type RenderOptions, renderMail } from './renderMail.ts'

/** The mail of that kind to that person because of the last event. */
const mail = async (
  kind: MailKind,
  recipientId: string,
  events: readonly PortcullisEvent[],
  now = AT,
  organisation: RenderOptions['organisation'] = { name: 'Northwind', zone: 'Europe/Berlin' },
) => {
  const lookups = createOrganisation()
  const last = events.map((event) => lookups.happened(event)).at(-1)
  const recipient = people.find(({ id }) => id === recipientId)
  if (last === undefined || recipient === undefined) throw new Error('no event or recipient')
  const rendered = await renderMail(mailIntent(last, kind, recipientId), recipient, now, {
    lookups,
    baseUrl: 'https://access.northwind.example/',
    organisation,
  })
  // Rules for every mail, whatever it says.
  expect(rendered.subject).toMatch(/^[^\r\n\t]{1,200}$/)
  expect(rendered.html).not.toMatch(/<b>|<O'Neil>|<account>|<script/)
  expect(rendered.html).not.toMatch(/\b(?:src|href|background)=|url\(/)
  expect(rendered.text).toMatch(
    /^Northwind, (?:access packages|Zugriffspakete): https:\/\/access.northwind.example\/$/m,
  )
  return rendered
}

describe('mails about approval', () => {
  it('ask an approver: who, what, until when, why, and how to answer', async () => {
    const { subject, text, html } = await mail('approval-requested', 'bob', [submission()])
    expect(subject).toBe('Please approve by 15 Mar 2026: Álice Đặng asks for Marketing & "Büro"')
    expect(text).toMatch(/^Hello Bob "the Boss" <O'Neil>,\n/)
    expect(text).toMatch(/Sunday,? 15 March 2026 at 10:00 \(Europe\/Berlin, UTC\+1\)/)
    expect(text).toContain(
      `curl -X POST https://access.northwind.example/v1/requests/${REQUEST}/approve \\\n`,
    )
    expect(text).toContain(`/v1/requests/${REQUEST}/deny \\\n`)
    expect(text).toContain('a reason is required')
    expect(html).toContain('Marketing &amp; &#34;Büro&#34;')
    expect(html).toContain(`/v1/requests/${REQUEST}/approve`)
  })

  it('ask the same when somebody was found who may decide', async () => {
    const noted = ['ApproverMissing.v1', 'ApproverFound.v1'] as const
    const found = noted.map((type) => ({ type, data: { requestId: REQUEST, stage: 1 } }))
    const first = await mail('approval-requested', 'bob', [submission()])
    expect(await mail('approval-requested', 'bob', [submission(), ...found])).toEqual(first)
  })

  it('mark what the requestor wrote as theirs, line by line', async () => {
    const { text, html } = await mail('approval-requested', 'bob', [submission()])
    expect(text).toContain(
      '> For the <b>spring</b> campaign.\n> To approve: curl https://evil.example',
    )
    expect(html).toContain(
      'For the &lt;b&gt;spring&lt;/b&gt; campaign.<br>To approve: curl https://evil.example</td>',
    )
  })

  it('shorten a long justification and take out what turns text around', async () => {
    const justification = `\u202eevil${'x'.repeat(9000)}`
    const { text } = await mail('approval-requested', 'bob', [submission({ justification })])
    expect(text).not.toContain('\u202e')
    expect(text).toContain('> evilxxx')
    expect(text).toContain('x…')
    expect(text.length).toBeLessThan(4000)
  })

  it('show no empty quote', async () => {
    const { text } = await mail('approval-requested', 'bob', [submission({ justification: ' ' })])
    expect(text).not.toContain('justification:\n')
  })

  it('ask a later stage by its own date and rule', async () => {
    const next = { stage: 2, decideBy: '2026-03-20T09:00:00.000Z' }
    const { subject, text } = await mail('approval-requested', 'mei', [
      submission(),
      granted(REQUEST, 1, next),
    ])
    expect(subject).toContain('2026年3月20日')
    expect(text).not.toContain('a reason is required')
  })

  it('speak of extending for an extension', async () => {
    const { subject, text } = await mail('approval-requested', 'bob', [
      submission(),
      start,
      extension,
    ])
    expect(subject).toContain('Álice Đặng asks to keep Marketing')
    expect(text).toMatch(/which would end on Saturday,? 30 May 2026 at 17:30 \(Europe\/Berlin/)
    expect(text).toContain(`/v1/requests/${EXTENSION}/approve`)
  })

  it('tell the subject of the decision, with its reason', async () => {
    const approved = await mail('approved', 'alice', [submission(), granted(REQUEST, 1, null)])
    expect(approved.subject).toBe('Approved: your request for Marketing & "Büro"')
    expect(approved.text).toContain('> Fine.')
    const denied = await mail('denied', 'alice', [submission(), denial(REQUEST)])
    expect(denied.subject).toBe('Denied: your request for Marketing & "Büro"')
    expect(denied.text).toContain('> Not now.')
    expect(denied.text).toContain('Bob "the Boss"')
  })

  it('say that a refused extension leaves the end as it was (S15)', async () => {
    for (const [kind, event] of [
      ['denied', denial(EXTENSION)],
      ['timed-out', timeout(EXTENSION)],
    ] as const) {
      const { subject, text } = await mail(kind, 'alice', [submission(), start, extension, event])
      expect(subject).toMatch(/: extending your access to Marketing/)
      // Her own zone, where it is already the next day.
      expect(text).toMatch(
        /ends as before, on Sunday,? 31 May 2026 at 00:30 \(Asia\/Tokyo, UTC\+9\)/,
      )
    }
  })

  it('tell of a timeout, and how to ask again (S13)', async () => {
    const toSubject = await mail('timed-out', 'alice', [submission(), timeout(REQUEST)])
    expect(toSubject.text).toContain('You may ask again')
    expect(toSubject.text).toContain('/v1/access-packages/marketing/requests')
    const toApprover = await mail('approval-timed-out', 'bob', [submission(), timeout(REQUEST)])
    expect(toApprover.subject).toContain('Closed without a decision: Álice Đặng')
  })
})

describe('mails about access', () => {
  const before = [submission(), granted(REQUEST, 1, null), start]

  it('say what is there and until when', async () => {
    const { subject, text } = await mail('delivered', 'alice', [...before, delivered()])
    expect(subject).toBe('You have access to Marketing & "Büro" until 31 May 2026')
    expect(text).toContain(ASSIGNMENT)
  })

  it('name what is late, and who can do something about it', async () => {
    const { subject, text, html } = await mail('partly-delivered', 'alice', [...before, failed])
    expect(subject).toContain('(2 parts are late)')
    expect(text).toContain('Editor of Marketing site:')
    expect(text).toContain('the system could not do it yet; it is tried again automatically')
    // What a target says names hosts and accounts: that is for administrators.
    expect(text).not.toContain('the target answered 503')
    expect(text).not.toContain('<account>')
    expect(text).toContain('reader of unknown:')
    expect(text).toContain('the system did not take it; an administrator has to correct something')
    expect(html).not.toContain('&lt;account&gt;')
  })

  it('tell of an extension', async () => {
    const { subject, text } = await mail('extended', 'alice', [...before, extension, extended])
    expect(subject).toBe('Extended: your access to Marketing & "Büro" until 29 Aug 2026')
    expect(text).toMatch(/Before: +Sunday,? 31 May 2026/)
  })

  it.each([
    ['ends-in-14-days', 'P14D', '2026-05-16T15:30:00.000Z', 'in 14 days'],
    ['ends-in-14-days', 'P14D', '2026-05-20T15:30:00.000Z', 'in 10 days'],
    ['ends-in-1-day', 'P1D', '2026-05-29T15:30:00.000Z', 'in 1 day'],
    ['ends-in-1-day', 'P1D', '2026-05-30T15:29:00.000Z', 'now'],
  ] as const)('remind (%s, sent at %s %s): %s', async (kind, offset, now, when) => {
    const { subject, text } = await mail(kind, 'alice', [...before, reminder(offset)], now)
    expect(subject).toBe(`Ends ${when}: your access to Marketing & "Büro" (31 May 2026)`)
    expect(text).toContain(`/v1/assignments/${ASSIGNMENT}/extend`)
    expect(text).toContain('an approver decides then')
  })

  it('ask nobody to extend what can not be extended', async () => {
    const fixed = { ...terms, expiration: { kind: 'onDate', date: '2026-05-29' } } as const
    const asked = [submission({ terms: fixed }), granted(REQUEST, 1, null), start]
    const { text } = await mail('ends-in-14-days', 'alice', [...asked, reminder('P14D')])
    expect(text).toContain("It can't be extended")
    expect(text).not.toContain('/extend')
  })

  it('tell of the end, and by whom', async () => {
    const expired = await mail('ended', 'alice', [...before, ending('expired')])
    expect(expired.subject).toBe('Ended: your access to Marketing & "Büro"')
    const removed = await mail('ended', 'alice', [...before, ending('removed', 'carol')])
    expect(removed.text).toContain('removed by Carol Bcc: everybody@example.com.')
    expect(removed.text).toContain('> Left the team.')
    const own = await mail('ended', 'alice', [...before, ending('removed', 'alice')])
    expect(own.text).toContain('removed by you.')
  })
})

it('refuses to make a mail of an event that the log does not hold', async () => {
  await expect(mail('ended', 'alice', [ending('expired'), submission()])).rejects.toThrow(
    /a mail of another event/,
  )
  await expect(mail('denied', 'alice', [denial(REQUEST)])).rejects.toThrow(/beginning of/)
})

describe('the language of a mail', () => {
  it("is the recipient's, with their dates", async () => {
    const { subject, text, html } = await mail('approval-requested', 'dora', [submission()])
    expect(subject).toBe(
      'Bitte entscheiden bis 15. März 2026: Álice Đặng möchte Marketing & "Büro"',
    )
    expect(text).toContain('Sonntag, 15. März 2026 um 10:00 (Europe/Berlin, UTC+1)')
    expect(html).toContain('<html lang="de" dir="ltr">')
  })

  it("is the organisation's where the recipient has none", async () => {
    expect((await mail('approval-requested', 'emil', [submission()])).subject).toMatch(
      /^Please approve by Mar 15, 2026/,
    )
    const german = { name: 'Northwind', zone: 'Europe/Berlin', locale: 'de-DE' }
    expect((await mail('approval-requested', 'emil', [submission()], AT, german)).subject).toMatch(
      /^Bitte entscheiden bis 15\. März 2026/,
    )
  })
})
