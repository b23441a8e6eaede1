import { describe, expect, it } from 'vitest'
import type { PolicyTerms, Principal } from '../policyTerms.ts'
import { at, exampleTerms, NO_ROLES, USER_ADMINISTRATOR, user } from '../testing/index.ts'
import { problemsOfCreation } from './accessPackage.create.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import {
  type Create,
  create,
  created,
  defaultFacts,
  given,
  NOW,
  newPolicy,
  packageId,
  policyAdded,
  role,
  terms,
} from './accessPackage.fixture.ts'
import { initialAccessPackage } from './accessPackage.state.ts'
import { warningsOf } from './accessPackage.warnings.ts'

const away = { resourceId: 'away', roleId: 'member' }
/** Wrong in every part. */
const wrong = create({
  resourceRoles: [
    role,
    role,
    away,
    { resourceId: 'nope', roleId: 'x' },
    { resourceId: 'repo', roleId: 'king' },
  ],
  policies: [
    newPolicy({
      zone: 'Mars/Olympus',
      requestors: { kind: 'external', directoryIds: ['evil', 'gone', 'fine'] },
      approval: { required: false },
      extension: { allowed: true, approvalRequired: true },
    }),
    newPolicy({ expiration: { kind: 'onDate', date: '2026-04-30' } }),
  ],
})
const facts: AccessPackageFacts = {
  ...defaultFacts,
  unknownPrincipals: [
    { kind: 'externalDirectory', id: 'gone' },
    { kind: 'group', id: 'leads' },
  ],
  refusedDirectories: ['evil'],
}
const codesOf = (command: Create, known: AccessPackageFacts = facts, taken = false) =>
  problemsOfCreation(
    command,
    { ...initialAccessPackage(), packageId: taken ? packageId : null },
    at(NOW, user('olga')),
    known,
  ).map(({ path, refusal }) => `${path}: ${refusal.code}`)

const OWN_WORDS = [
  'resourceRoles[1]: package.duplicate-role',
  'policies[1].policyId: policy.duplicate-id',
]

describe('what is wrong with a package that is to be created (S17)', () => {
  it('is told all at once, each with its place', () => {
    expect(codesOf(wrong, { ...facts, actor: USER_ADMINISTRATOR }, true)).toEqual([
      'packageId: package.already-exists',
      ...OWN_WORDS,
      'resourceRoles[2].resourceId: package.resource-not-in-catalog',
      'resourceRoles[3].resourceId: package.resource-not-found',
      'resourceRoles[4].roleId: package.role-not-found',
      'policies[0].terms.zone: policy.unknown-zone',
      'policies[0].terms.extension.approvalRequired: policy.extension-without-approvers',
      'policies[0].terms.requestors.directoryIds[0]: policy.directory-refused',
      'policies[0].terms.requestors.directoryIds[1]: policy.unknown-principal',
      'policies[1].terms.expiration.date: policy.date-passed',
      'policies[1].terms.approval.stages[0].approvers[0]: policy.unknown-principal',
    ])
    expect(codesOf(create())).toEqual([])
  })

  it('without what the directory knows, to who may not create there, or for no catalog', () => {
    const ownWords = [
      ...OWN_WORDS,
      'policies[0].terms.zone: policy.unknown-zone',
      'policies[0].terms.extension.approvalRequired: policy.extension-without-approvers',
      'policies[1].terms.expiration.date: policy.date-passed',
    ]
    expect(codesOf(wrong, { ...facts, actor: NO_ROLES }, true)).toEqual([
      'catalogId: package.forbidden',
      ...ownWords,
    ])
    const catalog = { ...facts.catalog, exists: false }
    expect(codesOf(wrong, { ...facts, catalog })).toEqual([
      'catalogId: catalog.not-found',
      ...ownWords,
    ])
  })

  it('is what creating is refused with: the first as the "no", all of them in its data', () => {
    given()
      .when(create({ resourceRoles: [away], policies: [newPolicy({ zone: 'Mars/Olympus' })] }))
      .thenRefused('package.resource-not-in-catalog', {
        kind: 'not-allowed',
        data: {
          resourceId: 'away',
          catalogId: 'infra',
          problems: [
            {
              path: 'resourceRoles[0].resourceId',
              code: 'package.resource-not-in-catalog',
              message:
                "Resource away isn't in catalog infra, and a package confers only what is (S4); a User administrator, or a Catalog owner who owns the resource, can add it.",
            },
            {
              path: 'policies[0].terms.zone',
              code: 'policy.unknown-zone',
              message:
                'Policy standard counts its days in "Mars/Olympus", which isn\'t a known time zone; use an IANA name such as Europe/Berlin.',
            },
          ],
        },
      })
  })

  it('is told of a policy alone in the same way', () => {
    const add = { type: 'AddPolicy', packageId, ...newPolicy({ zone: 'Mars/Olympus' }) } as const
    const { decision } = given(created(), policyAdded()).when(add)
    expect(decision).toMatchObject({
      ok: false,
      refusal: {
        code: 'policy.already-exists',
        data: { problems: [{ path: 'policyId' }, { path: 'terms.zone' }] },
      },
    })
  })
})

describe('warnings (S17)', () => {
  const nobodyBehind: readonly Principal[] = [
    { kind: 'group', id: 'leads' },
    { kind: 'user', id: 'eng' },
  ]
  const codes = (...[command, behind = []]: Parameters<typeof warningsOf> | [Create]) =>
    warningsOf(command, behind).map(({ path, code }) => `${path}: ${code}`)

  it('of a package that confers nothing, or that nobody can request', () => {
    const resourceRoles = [role]
    const disabled = { ...newPolicy({}), enabled: false }
    expect(codes(create())).toEqual([
      'resourceRoles: package.no-resource-roles',
      'policies: package.no-policy',
    ])
    expect(codes(create({ resourceRoles, policies: [disabled, disabled] }))).toEqual([
      'policies: package.no-enabled-policy',
    ])
    expect(codes(create({ resourceRoles, policies: [disabled, newPolicy({})] }))).toEqual([])
  })

  it('of groups without members and people who are disabled, each at its place', () => {
    const policy = newPolicy({
      requestors: {
        kind: 'directory',
        principals: [
          { kind: 'group', id: 'eng' },
          { kind: 'user', id: 'eng' },
        ],
      },
    })
    const command = create({ resourceRoles: [role], policies: [newPolicy({}), policy] })
    const asTold = (path: string) => [
      `${path}.requestors.principals[1]: policy.nobody-requests`,
      `${path}.approval.stages[0].approvers[0]: policy.nobody-approves`,
    ]
    expect(codes(command, nobodyBehind)).toEqual([
      'policies[0].terms.approval.stages[0].approvers[0]: policy.nobody-approves',
      ...asTold('policies[1].terms'),
    ])
    expect(codes({ type: 'AddPolicy', packageId, ...policy }, nobodyBehind)).toEqual(
      asTold('terms'),
    )
    const change = { type: 'ChangePolicy', packageId, policyId: 'p', terms } as const
    expect(warningsOf(change, nobodyBehind)).toEqual([
      {
        path: 'terms.approval.stages[0].approvers[0]',
        code: 'policy.nobody-approves',
        message:
          'Group leads has no enabled members, so no approver comes from there; requests that nobody else decides time out (S13).',
      },
    ])
    expect(warningsOf({ ...change, terms: exampleTerms() }, [])).toEqual([])
  })

  it('of settings for requests where nobody requests (S18)', () => {
    const none = { requestors: { kind: 'none' }, approval: { required: false } } as const
    const withNone = (changes: Partial<PolicyTerms>) =>
      codes({ type: 'AddPolicy', packageId, ...newPolicy({ ...none, ...changes }) }, [])
    const fixed = { extension: { allowed: false } } as const
    expect(withNone({ ...fixed, approval: exampleTerms().approval })).toEqual([
      'terms.approval: policy.request-settings-unused',
    ])
    expect(withNone({ ...fixed, requestorJustification: true })).toEqual([
      'terms.requestorJustification: policy.request-settings-unused',
    ])
    expect(withNone({ ...fixed, requestorJustification: false })).toEqual([])
    expect(withNone({ approval: exampleTerms().approval })).toEqual([])
  })

  it.each([
    ['never', { kind: 'never' }],
    ['on a date', { kind: 'onDate', date: '2026-12-31' }],
  ] as const)(
    'of extensions that have nothing to extend to: it ends %s (S15)',
    (_what, expiration) => {
      const command = { type: 'AddPolicy', packageId, ...newPolicy({ expiration }) } as const
      expect(codes(command, [])).toEqual(['terms.extension: policy.nothing-to-extend-to'])
      const fixed = newPolicy({ expiration, extension: { allowed: false } })
      expect(codes({ ...command, ...fixed }, [])).toEqual([])
    },
  )
})
