import type { Actor } from '@portcullis/core'
import { type Dice, dice } from '@portcullis/core/testing'
import type { PolicyApplication } from '../eligibility/eligibility.ts'
import type { Expiration, PolicyTerms, Principal } from '../policyTerms.ts'
import { exampleTerms, service, USER_ADMINISTRATOR, user } from '../testing/index.ts'
import type { Basis } from './entitlement.events.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { type EntitlementState, findRequest, openStage } from './entitlement.state.ts'

// What is around one entitlement: the package's policies, the directory, who is who. It changes while requests wait.

export interface Policy {
  readonly policyId: string
  readonly policyVersion: number
  readonly enabled: boolean
  readonly terms: PolicyTerms
}

export interface World {
  packageExists: boolean
  policies: readonly Policy[]
  subject: { readonly exists: boolean; readonly enabled: boolean }
  /** Group id to its members. */
  readonly groups: Map<string, Set<string>>
}

export const SUBJECT = 'mira'
export const ADMINISTRATOR = user('ada')
export const PORTAL = service('portal')
export const STRANGER = user('ned')
/** Lena and Leo are in group `leads`, Bob is named himself. */
export const APPROVERS = [user('lena'), user('leo'), user('bob')] as const

const APPROVER_SETS: readonly [Principal[], ...Principal[][]] = [
  [{ kind: 'group', id: 'leads' }],
  [{ kind: 'user', id: 'bob' }],
  [
    { kind: 'user', id: 'lena' },
    { kind: 'group', id: 'leads' },
  ],
  [
    { kind: 'group', id: 'leads' },
    { kind: 'user', id: 'bob' },
  ],
  // The subject may be among them, and may not decide.
  [
    { kind: 'user', id: SUBJECT },
    { kind: 'group', id: 'empty' },
  ],
]
const ZONES = [
  'Europe/Berlin',
  'UTC',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const
const DATES = ['2026-03-29', '2026-05-20', '2026-10-25', '2028-02-29', '2028-12-31'] as const

const expirationOf = (chance: Dice): Expiration =>
  chance.weighted<Expiration>([
    [1, { kind: 'never' }],
    [2, { kind: 'onDate', date: chance.pick(DATES) }],
    [5, { kind: 'afterDays', days: chance.pick([1, 2, 14, 15, 30, 90, 366]) }],
    [2, { kind: 'afterHours', hours: chance.pick([1, 24, 25, 400]) }],
  ])

export const randomTerms = (chance: Dice, displayName: string): PolicyTerms =>
  exampleTerms({
    displayName,
    requestors: chance.weighted<PolicyTerms['requestors']>([
      [8, { kind: 'directory', principals: [{ kind: 'group', id: 'eng' }] }],
      [2, { kind: 'directory', principals: [{ kind: 'user', id: SUBJECT }] }],
      [2, { kind: 'none' }],
      [1, { kind: 'external', directoryIds: ['partner'] }],
    ]),
    requestorJustification: chance.chance(25),
    approval: chance.chance(30)
      ? { required: false }
      : {
          required: true,
          stages: Array.from({ length: chance.pick([1, 1, 1, 2, 3]) }, () => ({
            approvers: chance.pick(APPROVER_SETS),
            timeoutDays: chance.pick([1, 3, 14, 30]),
            approverJustification: chance.chance(25),
          })),
        },
    expiration: expirationOf(chance),
    extension: chance.chance(25)
      ? { allowed: false }
      : { allowed: true, approvalRequired: chance.chance(50) },
    zone: chance.pick(ZONES),
  })

export const createWorld = (seed: number): World => {
  const chance = dice(seed)
  const policy = (policyId: string): Policy => ({
    policyId,
    policyVersion: 1,
    enabled: chance.chance(90),
    terms: randomTerms(chance, `${policyId} 1`),
  })
  return {
    packageExists: true,
    policies: chance.chance(75) ? [policy('standard')] : [policy('standard'), policy('other')],
    subject: { exists: true, enabled: true },
    groups: new Map([
      ['eng', new Set([SUBJECT])],
      ['leads', new Set(['lena', 'leo'])],
      ['empty', new Set<string>()],
    ]),
  }
}

export const isIn = (
  world: World,
  personId: string,
  principals: readonly Principal[],
): Basis | null =>
  principals.find(({ kind, id }) => kind === 'user' && id === personId) ??
  principals.find(({ kind, id }) => kind === 'group' && world.groups.get(id)?.has(personId)) ??
  null

/** Why the subject is in the scope of a policy; null when not. */
export const scopeOf = (world: World, { terms }: Pick<Policy, 'terms'>): Basis | null =>
  world.subject.exists && terms.requestors.kind === 'directory'
    ? isIn(world, SUBJECT, terms.requestors.principals)
    : null

const applicationOf = (world: World, policy: Policy): PolicyApplication => {
  const basis = scopeOf(world, policy)
  return { ...policy, basis, reason: basis === null ? 'it is for others' : null }
}

/** What the engine would gather for a command of this actor. */
export const factsOf = (
  world: World,
  actor: Actor,
  state: EntitlementState,
  requestId: string | undefined,
): EntitlementFacts => {
  const request = requestId === undefined ? undefined : findRequest(state, requestId)
  const approval = request?.terms.approval
  const all = approval?.required ? approval.stages.flatMap(({ approvers }) => approvers) : []
  const approvers = (request && openStage(request)?.approvers) ?? all
  return {
    actor:
      actor.id === ADMINISTRATOR.id ? USER_ADMINISTRATOR : { directoryRoles: [], catalogRoles: [] },
    package: {
      exists: world.packageExists,
      policies: world.packageExists
        ? world.policies.map((policy) => applicationOf(world, policy))
        : [],
    },
    subject: world.subject,
    approverBasis: actor.kind === 'user' ? isIn(world, actor.id, approvers) : null,
  }
}

type Membership = readonly [groupId: string, personId: string]

/** Something around the entitlement changes. @returns what, for the story of a failed run */
export const changeWorld = (world: World, chance: Dice): string => {
  const change = chance.weighted<() => string>([
    [
      6,
      () => {
        const policyId = chance.pick(['standard', 'standard', 'other'])
        world.policies = world.policies.map((policy) =>
          policy.policyId === policyId
            ? {
                ...policy,
                policyVersion: policy.policyVersion + 1,
                terms: randomTerms(chance, `${policyId} ${policy.policyVersion + 1}`),
              }
            : policy,
        )
        return `policy ${policyId} changes`
      },
    ],
    [
      3,
      () => {
        world.policies = world.policies.map((policy) => ({ ...policy, enabled: !policy.enabled }))
        return 'policies are enabled or disabled'
      },
    ],
    [
      3,
      () => {
        world.subject = { exists: world.subject.exists, enabled: !world.subject.enabled }
        return `the subject is ${world.subject.enabled ? 'enabled' : 'disabled'}`
      },
    ],
    [
      1,
      () => {
        const exists = !world.subject.exists
        world.subject = { exists, enabled: exists }
        return `the subject is ${exists ? 'there again' : 'deleted from the directory'}`
      },
    ],
    [
      4,
      () => {
        const [groupId, personId] = chance.pick([
          ['leads', 'lena'],
          ['leads', 'leo'],
          ['leads', SUBJECT],
          ['eng', SUBJECT],
        ] satisfies [Membership, ...Membership[]])
        const members = world.groups.get(groupId) ?? new Set<string>()
        if (!members.delete(personId)) members.add(personId)
        world.groups.set(groupId, members)
        return `${personId} is ${members.has(personId) ? 'in' : 'out of'} group ${groupId}`
      },
    ],
    [
      1,
      () => {
        world.packageExists = !world.packageExists
        return `the package is ${world.packageExists ? 'there' : 'gone'}`
      },
    ],
  ])
  return change()
}
