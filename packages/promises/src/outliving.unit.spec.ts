import { describe, expect, it } from 'vitest'
import { anew, find, replaced, upTo, without } from './edits.fixture.ts'
import {
  brokenBy,
  evidenceOf,
  NILS_REPO,
  quarter,
  REPO,
  WIKI,
  WIKI_MEMBER,
} from './quarter.fixture.ts'

const TOOLS = 'entitlement-tools.mira'
const ended = find(TOOLS, 'AssignmentEnded.v2')
const held = new Set([REPO, WIKI])

describe('promise 2: nothing outlives its end', () => {
  it('breaks while an ended assignment holds something, and tells for how long', () => {
    const events = upTo(ended)
    const evidence = evidenceOf(events, { memberships: held, now: '2026-07-03T11:00:00.000Z' })
    expect(brokenBy(evidence)).toEqual({
      2: [
        `tools.mira.a1 ended at position ${ended.position}, but still holds ${REPO} (open for 3 d 3 h)`,
      ],
    })
  })

  it('breaks when a hold was never released', () => {
    const released = find('grant-repo.member.mira', 'HoldReleased.v1')
    const broken = brokenBy(evidenceOf(without(released)))
    expect(broken[2]).toEqual([
      expect.stringContaining('says that nothing of tools.mira.a1 is left'),
      expect.stringContaining(`still holds ${REPO}`),
    ])
  })

  it('breaks while nobody holds an access that isn’t revoked', () => {
    const last = find('grant-repo.member.mira', 'HoldReleased.v1', 1)
    const evidence = evidenceOf(upTo(last), { memberships: held, now: '2026-07-05T08:00:40.000Z' })
    expect(brokenBy(evidence)[2]).toContain(
      `${REPO} isn't known to be revoked, although nobody has held it since position ${last.position}, for 40 s: no revoke was begun`,
    )
  })

  it('breaks while a revoke is under way, or has failed', () => {
    const started = find('grant-repo.member.mira', 'ProvisioningStarted.v2', 1)
    const events = upTo(started)
    const evidence = { memberships: held, now: '2026-07-05T08:00:00.000Z' }
    expect(brokenBy(evidenceOf(events, evidence))[2]).toContainEqual(
      expect.stringContaining('a revoke (ProvisioningStarted.v2 at position'),
    )
    if (started.type !== 'ProvisioningStarted.v2') throw new Error('not a start')
    const { leaseUntil, observed, ...operation } = started.data
    const failed = {
      ...anew(started),
      type: 'ProvisioningFailed.v1' as const,
      data: {
        ...operation,
        code: 'scim.unavailable',
        message: 'down',
        transient: true,
        retryAt: '2026-07-05T08:01:00.000Z',
      },
    }
    const failing = replaced(started, started, failed).slice(0, events.length + 1)
    expect(brokenBy(evidenceOf(failing, evidence))[2]).toContainEqual(
      expect.stringContaining('the last try failed with scim.unavailable'),
    )
  })

  it('breaks when the target still has it, whatever the log says', () => {
    const memberships = new Set([WIKI, WIKI_MEMBER, NILS_REPO])
    expect(brokenBy(evidenceOf(quarter, { memberships }))).toEqual({
      2: [expect.stringContaining(`the target has ${WIKI_MEMBER}, although nobody has held it`)],
    })
  })

  it('judges access that was held and never granted by what was there before', () => {
    const operations = quarter.filter(
      ({ stream, type }) =>
        stream === 'grant-repo.member.timo' &&
        ['ProvisioningStarted.v2', 'AccessProvisioned.v2', 'AccessRevoked.v3'].includes(type),
    )
    const events = without(...operations)
    expect(brokenBy(evidenceOf(events))).toEqual({})
    const memberships = new Set([WIKI, NILS_REPO, 'repo.member.timo'])
    expect(brokenBy(evidenceOf(events, { memberships }))).toEqual({
      2: [expect.stringContaining('the target has repo.member.timo, although nobody has held it')],
    })
    const membershipsBefore = new Set([WIKI, 'repo.member.timo'])
    expect(brokenBy(evidenceOf(events, { memberships, membershipsBefore }))).toEqual({})
  })

  it('breaks when an ended assignment is delivered', () => {
    const delivered = find(TOOLS, 'RolesDelivered.v1')
    expect(brokenBy(evidenceOf(replaced(ended, ended, anew(delivered))))).toEqual({
      2: [expect.stringMatching(/^RolesDelivered.v1 at position .* tools.mira.a1, which ended/)],
    })
  })

  it('breaks when an assignment holds again after its end was noted', () => {
    const stream = 'grant-repo.member.mira'
    const added = find(stream, 'HoldAdded.v1')
    const released = find(stream, 'HoldReleased.v1')
    const events = replaced(released, released, anew(added), anew(released, 'another'))
    expect(brokenBy(evidenceOf(events))).toEqual({
      2: [expect.stringContaining(`tools.mira.a1 holds ${REPO} again`)],
    })
  })
})
