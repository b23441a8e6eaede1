import { describe, expect, it } from 'vitest'
import { anew, edited, find, moved, replaced, upTo, without } from './edits.fixture.ts'
import { brokenBy, evidenceOf, NILS_REPO, quarter, REPO, WIKI } from './quarter.fixture.ts'

const STREAM = 'grant-repo.member.mira'
const NILS = 'grant-repo.member.nils'
const TIMO = 'grant-repo.member.timo'

describe('promise 4: revoked exactly when the last assignment that confers it goes', () => {
  it('breaks when access is revoked while somebody holds it', () => {
    const released = find(STREAM, 'HoldReleased.v1', 1)
    const revoked = find(STREAM, 'AccessRevoked.v3')
    expect(brokenBy(evidenceOf(moved(released, revoked)))).toEqual({
      4: [
        expect.stringMatching(
          /^repo.member.mira was being revoked while extra.mira.a1 held it: ProvisioningStarted.v2 at/,
        ),
      ],
    })
  })

  it('allows a revoke that an assignment overtook, when the access comes back', () => {
    const begins = find('entitlement-tools.nils', 'AssignmentStarted.v1')
    const added = find(NILS, 'HoldAdded.v1')
    const begun = find(TIMO, 'ProvisioningStarted.v2', 1)
    const ended = find(TIMO, 'AccessRevoked.v3')
    const { subjectId } = added.data
    const began = { ...begun, stream: NILS, data: { ...begun.data, subjectId } }
    const revoked = { ...ended, stream: NILS, data: { ...ended.data, subjectId } }
    const overtaken = edited((event) =>
      event === begins ? [began, begins] : event === added ? [added, revoked] : [event],
    )
    expect(brokenBy(evidenceOf(overtaken))).toEqual({})
  })

  it('breaks when a revoke begins while an assignment confers the role, though it holds nothing yet', () => {
    const added = find(NILS, 'HoldAdded.v1')
    const begun = find(TIMO, 'ProvisioningStarted.v2', 1)
    const ended = find(TIMO, 'AccessRevoked.v3')
    const { subjectId } = added.data
    const began = { ...begun, stream: NILS, data: { ...begun.data, subjectId } }
    const revoked = { ...ended, stream: NILS, data: { ...ended.data, subjectId } }
    expect(brokenBy(evidenceOf(replaced(added, began, revoked, added)))).toEqual({
      4: [
        expect.stringMatching(
          /^repo.member.nils was taken away \(ProvisioningStarted.v2 at position \d+\) while tools.nils.a1 conferred it$/,
        ),
      ],
    })
  })

  it.each([
    ['assignment-ended', 'because it had ended, but it hadn’t by then'],
    ['role-removed', 'because its package lost the role, but it hadn’t by then'],
  ] as const)('breaks when an assignment lets go too early: %s', (reason, sentence) => {
    const added = find(NILS, 'HoldAdded.v1')
    const provisioned = find(NILS, 'AccessProvisioned.v2')
    const release = find(STREAM, 'HoldReleased.v1')
    const { data } = added
    const early = { ...anew(release), stream: NILS, data: { ...data, reason } }
    const again = anew(added, 'another')
    const broken = brokenBy(evidenceOf(replaced(provisioned, provisioned, early, again)))
    expect(broken[4]).toEqual([expect.stringContaining(sentence.replace('’', "'"))])
  })

  it('breaks when pre-existing access is revoked', () => {
    const stream = 'grant-wiki.reader.mira'
    const released = find(stream, 'HoldReleased.v1')
    const operation = quarter
      .filter((event) => event.stream === STREAM)
      .slice(-2)
      .map((event) => ({
        ...event,
        stream,
        data: { ...event.data, resourceId: 'wiki', roleId: 'reader' },
      }))
    const events = replaced(released, released, ...(operation as typeof quarter))
    const evidence = evidenceOf(events, { memberships: new Set([NILS_REPO]) })
    expect(brokenBy(evidence)).toEqual({
      4: [expect.stringContaining(`${WIKI} is access that the subject had before us`)],
    })
    // Also when the log itself didn't notice.
    const blind = events.filter(({ type }) => type !== 'PreexistingAccessFound.v3')
    expect(brokenBy({ ...evidence, events: blind })[4]).toContainEqual(
      expect.stringContaining(`${WIKI} is access that the subject had before us`),
    )
  })

  it('lets access go that the log says was taken over', () => {
    const stream = 'grant-wiki.reader.mira'
    const released = find(stream, 'HoldReleased.v1')
    const operation = quarter
      .filter((event) => event.stream === STREAM)
      .slice(-2)
      .map((event) => ({
        ...event,
        stream,
        data: { ...event.data, resourceId: 'wiki', roleId: 'reader' },
      }))
    const events = replaced(released, released, ...(operation as typeof quarter)).map((event) =>
      event.type === 'PreexistingAccessFound.v3'
        ? { ...event, data: { ...event.data, kept: false } }
        : event,
    )
    const broken = brokenBy(evidenceOf(events, { memberships: new Set([NILS_REPO]) }))
    expect(broken[4] ?? []).not.toContainEqual(
      expect.stringContaining(`${WIKI} is access that the subject had before us`),
    )
  })

  it('breaks when access that was there is taken for ours', () => {
    const begun = find(STREAM, 'ProvisioningStarted.v2')
    const events = replaced(begun, { ...begun, data: { ...begun.data, observed: 'present' } })
    expect(brokenBy(evidenceOf(events))).toEqual({
      4: [expect.stringContaining(`${REPO} was there before we granted it`)],
    })
  })

  it('allows an operation that takes over, and finds what the one before it did', () => {
    const begun = find(STREAM, 'ProvisioningStarted.v2')
    const data = { ...begun.data, operationId: '11111111-1111-4111-8111-111111111111' }
    const first = anew({ ...begun, data })
    const over = { ...begun, data: { ...begun.data, observed: 'present' as const, attempt: 2 } }
    expect(brokenBy(evidenceOf(replaced(begun, first, over)))).toEqual({})
  })

  it('breaks when held access is missing from the target', () => {
    expect(brokenBy(evidenceOf(quarter, { memberships: new Set([WIKI]) }))).toEqual({
      4: [`tools.nils.a1 holds ${NILS_REPO}, and the log says that it is there, but it isn't`],
    })
  })

  it('breaks when nobody granted what is held, unless the log tells of the failure', () => {
    const added = find(NILS, 'HoldAdded.v1')
    const events = upTo(added)
    const memberships = new Set([WIKI])
    const now = '2026-07-06T08:01:30.000Z'
    expect(brokenBy(evidenceOf(events, { memberships, now }))).toEqual({
      4: [
        `tools.nils.a1 holds ${NILS_REPO} (for 1 min 30 s), but it isn't there: nobody has granted it since`,
      ],
    })
    const failure = find(TIMO, 'ProvisioningFailed.v1')
    const told = {
      ...anew(failure),
      stream: NILS,
      data: { ...failure.data, subjectId: 'nils', retryAt: '2026-07-06T08:02:00.000Z' },
    }
    const visible = replaced(added, added, told).slice(0, events.length + 1)
    expect(brokenBy(evidenceOf(visible, { memberships, now }))).toEqual({})
  })

  it('breaks when an active assignment doesn’t hold what it confers', () => {
    const started = find('entitlement-tools.nils', 'AssignmentStarted.v1')
    const evidence = evidenceOf(upTo(started), {
      memberships: new Set([WIKI]),
      now: '2026-07-06T08:00:00.000Z',
    })
    expect(brokenBy(evidence)).toEqual({
      4: [`tools.nils.a1 is active (for 0 ms) and confers ${NILS_REPO}, but doesn't hold it`],
    })
  })

  it('breaks when it holds only a part of what it confers', () => {
    const evidence = evidenceOf(upTo(find(STREAM, 'HoldAdded.v1', 1)), {
      memberships: new Set([WIKI, REPO]),
      now: '2026-06-20T08:00:00.000Z',
    })
    expect(brokenBy(evidence)).toEqual({
      4: [`extra.mira.a1 is active (for 0 ms) and confers ${WIKI}, but doesn't hold it`],
    })
  })

  it('breaks when an assignment holds a role that its package has lost', () => {
    const gone = find('accessPackage-tools', 'ResourceRoleRemoved.v1')
    const evidence = evidenceOf(upTo(gone), {
      memberships: new Set([
        WIKI,
        REPO,
        'repo.member.timo',
        'wiki.member.mira',
        'wiki.member.timo',
      ]),
      now: '2026-05-06T08:00:00.000Z',
    })
    const broken = brokenBy(evidence)
    expect(Object.keys(broken)).toEqual(['4'])
    expect(broken[4]).toEqual([
      expect.stringMatching(/^tools.mira.a1 still holds wiki.member.mira .* has lost$/),
      expect.stringMatching(/^tools.timo.a1 still holds wiki.member.timo .* has lost$/),
    ])
    expect(brokenBy(evidenceOf(without(gone)))[4]).toContainEqual(
      expect.stringContaining('because its package lost the role'),
    )
  })
})
