import {
  ENGINE_ACTOR,
  exampleApplication,
  exampleFacts,
  exampleTerms,
  USER_ADMINISTRATOR,
  user,
} from '@portcullis/domain/testing'
import { createStory } from './story.fixture.ts'

// Two packages that confer the same role, and one person who gets the second while the first ends.

export const T = '2026-05-02T08:00:00.000Z'
export const REPO = 'repo.member.mira'
const GIVEN = exampleTerms({ requestors: { kind: 'none' }, approval: { required: false } })
const ADMINISTRATOR = exampleFacts(
  [exampleApplication(GIVEN, { policyId: 'given', basis: null, reason: 'for no one' })],
  { actor: USER_ADMINISTRATOR },
)

/** Mira holds the role by package `first`, until {@link T}. */
export const twoPackages = (rolesOfSecond: readonly string[] = ['repo.member']) => {
  const story = createStory('2026-05-01T07:00:00.000Z', [])
  const { accessPackage, entitlement, clock } = story
  const create = (packageId: string, roles: readonly string[]) =>
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
      policies: [{ policyId: 'given', enabled: true, terms: GIVEN }],
    })
  const assign = (packageId: string, startAt: string | null, endAt: string | null) =>
    entitlement(
      `${packageId}.mira`,
      {
        type: 'AssignDirectly',
        packageId,
        subjectId: 'mira',
        policyId: 'given',
        startAt,
        endAt,
        justification: null,
      },
      user('olga'),
      ADMINISTRATOR,
    )
  create('first', ['repo.member'])
  create('second', rolesOfSecond)
  clock.set('2026-05-01T08:00:00.000Z')
  assign('first', null, T)
  story.deliver('first.mira.a1', [REPO], 1)
  const last = <Type extends string>(type: Type) => {
    const event = story.log.findLast((each) => each.type === type)
    if (event === undefined) throw new Error(`the story has no ${type}`)
    return event
  }
  return {
    ...story,
    assign,
    last,
    administrator: ADMINISTRATOR,
    start: ({ gone = false } = {}) =>
      entitlement(
        'second.mira',
        { type: 'StartAssignment', assignmentId: 'second.mira.a1' },
        ENGINE_ACTOR,
        exampleFacts([], { subject: { exists: true, enabled: !gone } }),
      ),
    returned: () =>
      entitlement(
        'second.mira',
        {
          type: 'LookAtSubject',
          assignmentId: 'second.mira.a1',
          since: clock.now(),
          endsAt: null,
          end: false,
        },
        ENGINE_ACTOR,
        exampleFacts([]),
      ),
    expire: () =>
      entitlement('first.mira', {
        type: 'ExpireAssignment',
        assignmentId: 'first.mira.a1',
        endVersion: 1,
      }),
    /** As an engine would that looks at holds alone. */
    revoke: () => story.release('first.mira.a1', [REPO], 1, 'assignment-ended'),
    letGo: () =>
      story.grant(REPO, {
        type: 'ReleaseHold',
        assignmentId: 'first.mira.a1',
        reason: 'assignment-ended',
      }),
    /** Begins the operation that is due. */
    begin: (operationId: string, observed: 'present' | 'absent' = 'present') => {
      const { news } = story.grant(REPO, { type: 'RetryNow' })
      return story.grant(REPO, {
        type: 'StartOperation',
        operationId,
        observed,
        lookedAt: news,
        leaseMillis: 60_000,
      })
    },
    done: (operationId: string, readBack: 'present' | 'absent') =>
      story.grant(REPO, { type: 'CompleteOperation', operationId, readBack, readAt: clock.now() }),
  }
}
