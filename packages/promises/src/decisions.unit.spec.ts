import { describe, expect, it } from 'vitest'
import { anew, find, moved, replaced, without } from './edits.fixture.ts'
import { brokenBy, evidenceOf, NILS_REPO, quarter, REPO, WIKI } from './quarter.fixture.ts'

const TOOLS = 'entitlement-tools.mira'
const EXTRA = 'entitlement-extra.mira'

const submitted = find(TOOLS, 'RequestSubmitted.v1')
const granted = find(TOOLS, 'ApprovalGranted.v1')
const autoApproved = find(TOOLS, 'RequestAutoApproved.v1')
const started = find(TOOLS, 'AssignmentStarted.v1')
const policyAdded = find('accessPackage-tools', 'PolicyAdded.v1')

describe('promise 3: nobody gets what no decision gave', () => {
  it.each([
    [
      'without a request',
      without(submitted),
      /began .* there was no request tools.mira.r1 in entitlement-tools.mira by then/,
    ],
    ['without an approval', without(granted), /began .* nobody had approved stage 1 of tools/],
    ['before its approval', moved(granted, started), /nobody had approved stage 1/],
    [
      'approved by the subject',
      replaced(granted, { ...granted, data: { ...granted.data, approverId: 'mira' } }),
      /stage 1 of tools.mira.r1 .* was approved by mira, whose own request it is/,
    ],
    [
      'approved by somebody without a basis',
      replaced(granted, {
        ...granted,
        data: { ...granted.data, basis: { kind: 'group', id: 'eng' } },
      }),
      /approved by lena through group eng, which its policy's terms don't name as approver/,
    ],
    [
      'approved as somebody else',
      replaced(granted, {
        ...granted,
        data: { ...granted.data, basis: { kind: 'user', id: 'leo' } },
      }),
      /approved by lena through user leo/,
    ],
    [
      'on a basis that the terms do not name',
      replaced(submitted, {
        ...submitted,
        data: { ...submitted.data, basis: { kind: 'group', id: 'sales' } },
      }),
      /tools.mira.r1 .* relies on group sales/,
    ],
    [
      'under a version that there never was',
      replaced(submitted, { ...submitted, data: { ...submitted.data, policyVersion: 7 } }),
      /is under version 7 of policy standard of package tools, which the log didn't have/,
    ],
    [
      'under other terms than the version’s',
      replaced(submitted, {
        ...submitted,
        data: {
          ...submitted.data,
          terms: { ...submitted.data.terms, expiration: { kind: 'never' } },
        },
      }),
      /holds other terms than version 1 of policy standard of package tools/,
    ],
    [
      'under a version that came later',
      moved(policyAdded, find('entitlement-tools.timo', 'ApprovalGranted.v1')),
      /which the log didn't have by then/,
    ],
    [
      'automatically, though the policy asks for an approval',
      replaced(autoApproved, {
        ...autoApproved,
        data: { ...autoApproved.data, reason: 'policy-without-approval' },
      }),
      /tools.mira.r2 was approved automatically .* but its policy asks for an approval/,
    ],
    [
      'without anything that approved a direct assignment',
      without(find(EXTRA, 'RequestAutoApproved.v1')),
      /extra.mira.a1 began .* nothing had approved extra.mira.r1/,
    ],
    ['extended without approval', without(autoApproved), /was extended .* nothing had approved/],
  ])('breaks when access is given %s', (_, events, sentence) => {
    const broken = brokenBy(evidenceOf(events))
    expect(Object.keys(broken)).toEqual(['3'])
    expect(broken[3]).toContainEqual(expect.stringMatching(sentence))
  })

  it('breaks when what was extended isn’t what was asked to be', () => {
    const extended = find(TOOLS, 'AssignmentExtended.v1')
    const data = { ...extended.data, requestId: 'tools.mira.r1' }
    expect(brokenBy(evidenceOf(replaced(extended, { ...extended, data })))).toEqual({
      3: [expect.stringContaining("tools.mira.r1 didn't ask to extend tools.mira.a1")],
    })
    const asked = find(TOOLS, 'RequestSubmitted.v1', 1)
    const other = { ...asked.data, assignmentId: 'tools.mira.a9' }
    expect(brokenBy(evidenceOf(replaced(asked, { ...asked, data: other })))).toEqual({
      3: [expect.stringContaining("tools.mira.r2 didn't ask to extend tools.mira.a1")],
    })
  })

  it('breaks when a request stands with somebody else', () => {
    const data = { ...submitted.data, subjectId: 'nils' }
    expect(brokenBy(evidenceOf(replaced(submitted, { ...submitted, data })))).toEqual({
      3: [
        expect.stringContaining('is in entitlement-tools.mira, the stream of another package'),
        expect.stringContaining('tools.mira.a1 (AssignmentStarted.v1 at position'),
      ],
    })
  })

  it('breaks when a request was closed before', () => {
    const denied = find('entitlement-tools.pia', 'ApprovalDenied.v1')
    const closed = {
      ...denied,
      stream: TOOLS,
      data: { ...denied.data, requestId: 'tools.mira.r1' },
    }
    expect(brokenBy(evidenceOf(replaced(granted, anew(closed), granted)))).toEqual({
      3: [expect.stringContaining('tools.mira.r1 was closed by ApprovalDenied.v1')],
    })
  })

  it('breaks when access is granted while nobody holds it', () => {
    const stream = 'grant-repo.member.pia'
    const gift = quarter
      .filter(({ stream: of }) => of === 'grant-repo.member.mira')
      .filter(({ type }) => type !== 'HoldAdded.v1' && type !== 'HoldReleased.v1')
      .map((event) => ({ ...event, stream, data: { ...event.data, subjectId: 'pia' } }))
    const last = quarter.at(-1)
    if (last === undefined) throw new Error('no story')
    const events = replaced(last, last, ...(gift as typeof quarter))
    expect(brokenBy(evidenceOf(events))).toEqual({
      3: [
        expect.stringMatching(
          /^repo.member.pia was granted while nobody held it: ProvisioningStarted/,
        ),
      ],
    })
  })

  it('allows an operation that ends after its last holder let go', () => {
    const stream = 'grant-wiki.member.mira'
    const provisioned = find(stream, 'AccessProvisioned.v2')
    const released = find(stream, 'HoldReleased.v1')
    expect(brokenBy(evidenceOf(moved(provisioned, released)))).toEqual({})
  })

  it('breaks when an assignment holds something before it started', () => {
    const added = find('grant-wiki.reader.mira', 'HoldAdded.v1')
    const scheduled = find(EXTRA, 'AssignmentScheduled.v1')
    expect(brokenBy(evidenceOf(moved(added, scheduled)))).toEqual({
      3: [expect.stringMatching(/extra.mira.a1 holds wiki.reader.mira .* had not started by then/)],
    })
  })

  it('breaks when an assignment holds what its package never conferred', () => {
    const roleAdded = find('accessPackage-tools', 'ResourceRoleAdded.v1', 1)
    const broken = brokenBy(evidenceOf(without(roleAdded)))
    expect(broken[3]).toContainEqual(
      expect.stringContaining("package tools didn't have that role by then"),
    )
  })

  it('breaks when an assignment holds somebody else’s access', () => {
    const added = find('grant-repo.member.mira', 'HoldAdded.v1')
    const events = replaced(added, {
      ...added,
      data: { ...added.data, assignmentId: 'tools.timo.a1' },
    })
    expect(brokenBy(evidenceOf(events))[3]).toContainEqual(
      expect.stringContaining(`tools.timo.a1 of timo holds ${REPO}`),
    )
  })

  it('breaks when a target has what nothing confers', () => {
    const memberships = new Set([WIKI, NILS_REPO, 'repo.owner.pia'])
    expect(brokenBy(evidenceOf(quarter, { memberships }))).toEqual({
      3: [
        "the target has repo.owner.pia, which it didn't have before, and the log has nothing that confers it",
      ],
    })
    const { membershipsBefore: _, ...unknown } = evidenceOf(quarter, { memberships })
    expect(brokenBy(unknown)).toEqual({})
  })

  it('breaks when “pre-existing” access wasn’t there before', () => {
    expect(brokenBy(evidenceOf(quarter, { membershipsBefore: new Set() }))).toEqual({
      3: [expect.stringContaining(`the target has ${WIKI}; the log calls it pre-existing`)],
    })
  })
})
