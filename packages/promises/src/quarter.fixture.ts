import { deadlineCommand } from '@portcullis/domain'
import {
  exampleApplication,
  exampleFacts,
  exampleTerms,
  USER_ADMINISTRATOR,
  user,
} from '@portcullis/domain/testing'
import { checkPromises } from './checkPromises.ts'
import type { PromiseEvidence, PromiseResult } from './evidence.ts'
import type { LogEvent } from './logEvent.ts'
import { createStory } from './story.fixture.ts'

// A quarter of a small organisation: everything that the promises speak of happens in it, and all of them hold.

export const REPO = 'repo.member.mira'
export const WIKI = 'wiki.reader.mira'
export const WIKI_MEMBER = 'wiki.member.mira'
export const NILS_REPO = 'repo.member.nils'
/** When the story is over. */
export const NOW = '2026-07-10T08:00:00.000Z'

/** Of package `tools`. */
export const standard = exampleTerms()
const byAdministrators = exampleTerms({
  displayName: 'By administrators',
  requestors: { kind: 'none' },
  approval: { required: false },
  extension: { allowed: false },
})
const ADMINISTRATOR = exampleFacts(
  [exampleApplication(byAdministrators, { policyId: 'given', basis: null, reason: 'for no one' })],
  { actor: USER_ADMINISTRATOR },
)
const APPROVER = exampleFacts(undefined, { approverBasis: { kind: 'group', id: 'leads' } })

const play = () => {
  const story = createStory('2026-05-01T07:00:00.000Z', [WIKI])
  const { accessPackage, entitlement, clock } = story
  const request = (subjectId: string) =>
    entitlement(
      `tools.${subjectId}`,
      {
        type: 'SubmitRequest',
        packageId: 'tools',
        subjectId,
        policyId: null,
        justification: null,
      },
      user(subjectId),
    )
  const decide = (subjectId: string, decision: 'approve' | 'deny') =>
    entitlement(
      `tools.${subjectId}`,
      {
        type: 'DecideApproval',
        requestId: `tools.${subjectId}.r1`,
        decision,
        justification: null,
      },
      user('lena'),
      APPROVER,
    )
  const fire = (at: string, key: string) => {
    clock.set(at)
    const action = deadlineCommand(key)
    if (action?.kind !== 'command') throw new Error(`${key} is not an entitlement's deadline`)
    entitlement(action.stream.replace('entitlement-', ''), action.command)
  }
  const newPackage = (packageId: string, roles: readonly string[]) => {
    const own = packageId === 'tools'
    accessPackage({
      type: 'CreateAccessPackage',
      packageId,
      catalogId: 'infra',
      displayName: packageId,
      description: '',
      hidden: false,
      resourceRoles: roles.map((role) => {
        const [resourceId = '', roleId = ''] = role.split('.')
        return { resourceId, roleId }
      }),
      policies: [
        {
          policyId: own ? 'standard' : 'given',
          enabled: true,
          terms: own ? standard : byAdministrators,
        },
      ],
    })
  }

  newPackage('tools', ['repo.member'])
  newPackage('extra', ['repo.member', 'wiki.reader'])

  clock.set('2026-05-01T08:00:00.000Z')
  for (const subject of ['mira', 'nils', 'pia', 'rosa', 'timo']) request(subject)
  decide('mira', 'approve')
  decide('pia', 'deny')
  decide('timo', 'approve')
  entitlement(
    'tools.rosa',
    { type: 'CancelRequest', requestId: 'tools.rosa.r1', reason: null },
    user('rosa'),
  )
  story.deliver('tools.mira.a1', [REPO], 1)

  // A target that is down at first.
  story.grant('repo.member.timo', { type: 'AddHold', assignmentId: 'tools.timo.a1' })
  const unreachable = { code: 'scim.unreachable', message: 'down', transient: true } as const
  story.grant('repo.member.timo', {
    type: 'ReportUnreachable',
    operationId: '11111111-1111-4111-8111-111111111111',
    ...unreachable,
    retryAfterMillis: 60_000,
  })
  // A minute, and what its id adds.
  clock.set('2026-05-01T08:01:08.014Z')
  story.operate('repo.member.timo')

  // Mira is also given another package that confers the same role, later on; Rosa too, but that is called off.
  for (const subjectId of ['mira', 'rosa'])
    entitlement(
      `extra.${subjectId}`,
      {
        type: 'AssignDirectly',
        packageId: 'extra',
        subjectId,
        policyId: 'given',
        startAt: '2026-06-20T08:00:00.000Z',
        endAt: '2026-07-05T08:00:00.000Z',
        justification: null,
      },
      user('olga'),
      ADMINISTRATOR,
    )
  entitlement(
    'extra.rosa',
    { type: 'CancelRequest', requestId: 'extra.rosa.r1', reason: null },
    user('olga'),
    ADMINISTRATOR,
  )

  // A role comes to the package and goes again.
  clock.set('2026-05-05T08:00:00.000Z')
  const wiki = { packageId: 'tools', resourceId: 'wiki', roleId: 'member' }
  accessPackage({ type: 'AddResourceRole', ...wiki })
  accessPackage({ type: 'StartRollOut', packageId: 'tools' })
  story.deliver('tools.mira.a1', [WIKI_MEMBER], 2)
  story.deliver('tools.timo.a1', ['wiki.member.timo'], 2)
  clock.set('2026-05-06T08:00:00.000Z')
  accessPackage({ type: 'RemoveResourceRole', ...wiki })
  accessPackage({ type: 'StartRollOut', packageId: 'tools' })
  story.release('tools.mira.a1', [WIKI_MEMBER], 3, 'role-removed')
  story.release('tools.timo.a1', ['wiki.member.timo'], 3, 'role-removed')

  fire('2026-05-15T08:00:00.000Z', 'approval:tools.nils.r1:1')
  fire('2026-05-17T08:00:00.000Z', 'reminder:tools.mira.a1:1:P14D')
  fire('2026-05-17T08:00:00.000Z', 'reminder:tools.timo.a1:1:P14D')
  clock.set('2026-05-20T08:00:00.000Z')
  entitlement(
    'tools.mira',
    { type: 'RequestExtension', assignmentId: 'tools.mira.a1', justification: null },
    user('mira'),
  )
  clock.set('2026-05-21T08:00:00.000Z')
  entitlement(
    'tools.timo',
    { type: 'RemoveAssignment', assignmentId: 'tools.timo.a1', justification: null },
    user('timo'),
  )
  story.release('tools.timo.a1', ['repo.member.timo'], 3, 'assignment-ended')
  fire('2026-06-16T08:00:00.000Z', 'reminder:tools.mira.a1:2:P14D')
  fire('2026-06-20T08:00:00.000Z', 'start:extra.mira.a1')
  story.deliver('extra.mira.a1', [REPO, WIKI], 2)
  fire('2026-06-29T08:00:00.000Z', 'reminder:tools.mira.a1:2:P1D')
  fire('2026-06-30T08:00:00.000Z', 'expiry:tools.mira.a1:2')
  story.release('tools.mira.a1', [REPO], 3, 'assignment-ended')
  fire('2026-07-05T08:00:00.000Z', 'expiry:extra.mira.a1:1')
  story.release('extra.mira.a1', [REPO, WIKI], 2, 'assignment-ended')

  // And one who still has the package when the story ends.
  clock.set('2026-07-06T08:00:00.000Z')
  request('nils')
  entitlement(
    'tools.nils',
    {
      type: 'DecideApproval',
      requestId: 'tools.nils.r2',
      decision: 'approve',
      justification: null,
    },
    user('lena'),
    APPROVER,
  )
  story.deliver('tools.nils.a1', [NILS_REPO], 3)
  return story
}

const { log, memberships } = play()

export const quarter: readonly LogEvent[] = log

/** The story's evidence, or that of another log. */
export const evidenceOf = (
  events: readonly LogEvent[] = quarter,
  changes: Partial<PromiseEvidence> = {},
): PromiseEvidence => ({
  events,
  memberships,
  membershipsBefore: new Set([WIKI]),
  tolerance: { lateMillis: 0, downtimes: [] },
  probes: { viewsEqual: [], repeats: [], readYourWrites: [], replay: [] },
  now: NOW,
  ...changes,
})

/** The promises that the evidence breaks: number to sentences. */
export const brokenBy = (evidence: PromiseEvidence): Readonly<Record<number, readonly string[]>> =>
  Object.fromEntries(
    checkPromises(evidence)
      .filter(({ holds }) => !holds)
      .map(({ number, broken }: PromiseResult) => [number, broken]),
  )
