import type { Principal } from '../policyTerms.ts'
import type { CreateAccessPackage } from './accessPackage.create.ts'
import { type NewPolicy, principalsOf } from './accessPackage.policies.ts'
import type { AddPolicy, ChangePolicy } from './accessPackage.policyChanges.ts'

/** Something that is allowed, but probably not meant (S17). */
export interface Warning {
  /** Where in the command: `policies[0].terms.approval.stages[0].approvers[1]`. */
  readonly path: string
  readonly code: string
  readonly message: string
}

/** Commands whose answers carry warnings. */
export type WarnedCommand = CreateAccessPackage | AddPolicy | ChangePolicy

const ofContent = ({ resourceRoles, policies }: CreateAccessPackage): readonly Warning[] => {
  const warnings: Warning[] = []
  if (resourceRoles.length === 0)
    warnings.push({
      path: 'resourceRoles',
      code: 'package.no-resource-roles',
      message: 'The access package confers nothing yet; add a resource role.',
    })
  if (policies.length === 0)
    warnings.push({
      path: 'policies',
      code: 'package.no-policy',
      message: 'Without a policy nobody can request or be assigned the access package; add one.',
    })
  else if (policies.every(({ enabled }) => !enabled))
    warnings.push({
      path: 'policies',
      code: 'package.no-enabled-policy',
      message: 'No policy is enabled, so nobody can request the access package; enable one.',
    })
  return warnings
}

/** S15: an extension is one more period, or up to the date. */
const ofExtension = (
  { extension, expiration }: NewPolicy['terms'],
  path: string,
): readonly Warning[] => {
  if (!extension.allowed || (expiration.kind !== 'never' && expiration.kind !== 'onDate')) return []
  const why =
    expiration.kind === 'never'
      ? 'Access by this policy has no period to extend by'
      : `Access by this policy ends on ${expiration.date} at the latest`
  return [
    {
      path: `${path}.extension`,
      code: 'policy.nothing-to-extend-to',
      message: `${why}, so nobody is reminded to extend it, and an extension is refused${expiration.kind === 'onDate' ? ' but where an administrator has set an earlier end' : ''}.`,
    },
  ]
}

/** S18: what is assigned directly isn't asked for; only an extension is. */
const ofNoRequests = (
  { requestors, approval, requestorJustification, extension }: NewPolicy['terms'],
  path: string,
): readonly Warning[] =>
  requestors.kind === 'none' && !extension.allowed && (approval.required || requestorJustification)
    ? [
        {
          path: `${path}.${approval.required ? 'approval' : 'requestorJustification'}`,
          code: 'policy.request-settings-unused',
          message:
            'Nobody requests by this policy, and it allows no extension, so neither an approval nor a justification is ever asked for.',
        },
      ]
    : []

const ofTerms = (
  { terms }: Pick<NewPolicy, 'terms'>,
  path: string,
  nobodyBehind: readonly Principal[],
): readonly Warning[] => [
  ...ofPrincipals(terms, path, nobodyBehind),
  ...ofExtension(terms, path),
  ...ofNoRequests(terms, path),
]

const ofPrincipals = (
  terms: NewPolicy['terms'],
  path: string,
  nobodyBehind: readonly Principal[],
): readonly Warning[] =>
  principalsOf(terms)
    .filter(({ principal: { kind, id } }) =>
      nobodyBehind.some((other) => other.kind === kind && other.id === id),
    )
    .map(({ path: within, principal: { kind, id } }) => {
      const approves = within.startsWith('approval')
      const who = kind === 'group' ? `Group ${id} has no enabled members` : `${id} is disabled`
      return {
        path: `${path}.${within}`,
        code: approves ? 'policy.nobody-approves' : 'policy.nobody-requests',
        message: approves
          ? `${who}, so no approver comes from there; requests that nobody else decides time out (S13).`
          : `${who}, so nobody can request by that.`,
      }
    })

/**
 * What is allowed in a command, but probably not meant: a package that nobody can request or that confers nothing,
 * approvers that there are none of.
 * @param nobodyBehind groups without enabled members, and people who are disabled, of those that the command names
 */
export const warningsOf = (
  command: WarnedCommand,
  nobodyBehind: readonly Principal[],
): readonly Warning[] =>
  command.type === 'CreateAccessPackage'
    ? [
        ...ofContent(command),
        ...command.policies.flatMap((policy, index) =>
          ofTerms(policy, `policies[${index}].terms`, nobodyBehind),
        ),
      ]
    : ofTerms(command, 'terms', nobodyBehind)
