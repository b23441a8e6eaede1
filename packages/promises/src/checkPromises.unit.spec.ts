import { jsonEqual } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { checkPromises } from './checkPromises.ts'
import { anew, find, without } from './edits.fixture.ts'
import { MAX_BROKEN } from './evidence.ts'
import { brokenBy, evidenceOf, quarter } from './quarter.fixture.ts'

const NONE = { viewsEqual: [], repeats: [], readYourWrites: [], replay: [] }
const mail = {
  messageId: '<one@portcullis.example>',
  kind: 'approved',
  recipientId: 'mira',
  eventId: quarter[10]?.id ?? '',
}

describe('checkPromises', () => {
  it('finds that all promises hold in a legal log', () => {
    expect(brokenBy(evidenceOf())).toEqual({})
    const results = checkPromises(evidenceOf())
    expect(results.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    // The log says nothing of reads and replays.
    expect(results.filter(({ checked }) => checked > 0).map(({ number }) => number)).toEqual([
      1, 2, 3, 4, 5, 6, 9,
    ])
  })

  it('has nothing to look at in an empty log', () => {
    const nothing = evidenceOf([], { memberships: new Set(), membershipsBefore: new Set() })
    expect(checkPromises(nothing).map(({ holds, checked }) => [holds, checked])).toEqual(
      Array.from({ length: 9 }, () => [true, 0]),
    )
  })

  it('says the same when it looks again', () => {
    expect(jsonEqual(checkPromises(evidenceOf()), checkPromises(evidenceOf()))).toBe(true)
  })

  it.each([
    [1, 'viewsEqual'],
    [6, 'repeats'],
    [7, 'readYourWrites'],
    [8, 'replay'],
  ] as const)('takes what a probe found to promise %i', (number, probe) => {
    const found = evidenceOf(quarter, {
      probes: { ...NONE, [probe]: ['it went wrong'] },
      probed: { [probe]: 1000 },
    })
    expect(brokenBy(found)).toEqual({ [number]: ['it went wrong'] })
    expect(checkPromises(found)[number - 1]?.checked).toBeGreaterThanOrEqual(1000)
  })

  it('tells the first violations and counts them all', () => {
    const replay = Array.from({ length: MAX_BROKEN + 5 }, (_, n) => `mail ${n}`)
    const result = checkPromises(evidenceOf(quarter, { probes: { ...NONE, replay } }))[7]
    expect(result).toMatchObject({ violations: MAX_BROKEN + 5, holds: false })
    expect(result?.broken).toEqual(replay.slice(0, MAX_BROKEN))
  })
})

describe('promise 1', () => {
  const delivered = find('entitlement-tools.mira', 'RolesDelivered.v1')

  it('breaks when an event is missing', () => {
    const events = quarter.filter((event) => event !== delivered)
    expect(brokenBy(evidenceOf(events))).toEqual({
      1: [expect.stringContaining('stream entitlement-tools.mira has revision 4')],
    })
  })

  it('breaks when positions go back', () => {
    const events = quarter.map((event) =>
      event === quarter[1] ? { ...event, position: 1n } : event,
    )
    expect(brokenBy(evidenceOf(events))).toEqual({
      1: [expect.stringContaining('comes after position 1 in the log')],
    })
  })

  it('breaks when two events have one id', () => {
    const [first, second] = quarter
    const twice = quarter.map((event) =>
      event === second ? { ...event, id: first?.id ?? '' } : event,
    )
    expect(brokenBy(evidenceOf(twice))).toMatchObject({
      1: [expect.stringContaining('is in the log twice')],
    })
  })
})

describe('promise 6', () => {
  it('breaks when an id doesn’t follow from its command', () => {
    const events = quarter.map((event, index) =>
      index === 3 ? { ...event, id: '11111111-1111-5111-8111-111111111111' } : event,
    )
    expect(brokenBy(evidenceOf(events))).toEqual({
      6: [expect.stringContaining("isn't that of event")],
    })
  })

  it.each([
    ['two senders', { actor: { kind: 'user', id: 'mallory' } } as const],
    ['two contents', { digest: '11111111-1111-5111-8111-111111111111' }],
  ])('breaks when an id stands for %s', (_, changes) => {
    // The second event of a command.
    const index = quarter.findIndex(
      ({ stream, metadata }, at) =>
        quarter[at - 1]?.stream === stream &&
        quarter[at - 1]?.metadata.commandId === metadata.commandId,
    )
    const events = quarter.map((event, at) =>
      at === index ? { ...event, metadata: { ...event.metadata, ...changes } } : event,
    )
    expect(brokenBy(evidenceOf(events))[6]?.[0]).toContain('stands for two senders or two contents')
  })

  it('breaks when a command did something twice', () => {
    const wiki = find('accessPackage-tools', 'ResourceRoleAdded.v1', 1)
    const removed = find('accessPackage-tools', 'ResourceRoleRemoved.v1')
    const created = find('accessPackage-tools', 'AccessPackageCreated.v1')
    expect(wiki.metadata.commandId).not.toBe(created.metadata.commandId)
    const events = quarter.map((event) =>
      event === removed ? { ...event, id: event.id, metadata: created.metadata } : event,
    )
    expect(brokenBy(evidenceOf(events))).toEqual({
      6: [
        expect.stringContaining('did something in accessPackage-tools a second time'),
        expect.stringContaining("isn't that of event 0"),
      ],
    })
  })
})

describe('promise 8', () => {
  it('takes a mail that was sent again for the same mail', () => {
    expect(brokenBy(evidenceOf(quarter, { mails: [mail, mail] }))).toEqual({})
  })

  it('breaks when one event made two mails to one person', () => {
    const second = { ...mail, messageId: '<two@portcullis.example>' }
    expect(brokenBy(evidenceOf(quarter, { mails: [mail, second] }))).toEqual({
      8: [expect.stringMatching(/mail approved to mira .* <one@.*> and <two@.*>/)],
    })
    const other = { ...second, recipientId: 'nils' }
    expect(brokenBy(evidenceOf(quarter, { mails: [mail, other] }))).toEqual({})
  })

  it('breaks when a mail is about nothing', () => {
    expect(brokenBy(evidenceOf(quarter, { mails: [{ ...mail, eventId: 'unknown' }] }))).toEqual({
      8: [expect.stringContaining('the log has no such event')],
    })
  })
})

describe('a mutated log', () => {
  it('is legal again but for what was changed', () => {
    // What the story's other specs rely on: leaving out a record that no promise needs breaks none.
    const delivered = find('entitlement-tools.nils', 'RolesDelivered.v1')
    expect(brokenBy(evidenceOf(without(delivered)))).toEqual({})
    expect(anew(delivered).metadata.commandId).not.toBe(delivered.metadata.commandId)
  })
})
