import { type Instant, refuse } from '@portcullis/core'
import type { PolicyTerms, Principal } from '../policyTerms.ts'
import { endOfDate, isZone } from '../time.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import { type Problem, problem } from './accessPackage.problems.ts'

export interface NewPolicy {
  readonly policyId: string
  readonly enabled: boolean
  readonly terms: PolicyTerms
}

const problemsOfZone = (policyId: string, { zone }: PolicyTerms): readonly Problem[] =>
  isZone(zone)
    ? []
    : [
        problem(
          'zone',
          refuse(
            'invalid',
            'policy.unknown-zone',
            `Policy ${policyId} counts its days in "${zone}", which isn't a known time zone; use an IANA name such as Europe/Berlin.`,
            { policyId, zone },
          ),
        ),
      ]

const problemsOfApproval = (policyId: string, terms: PolicyTerms): readonly Problem[] => {
  const { approval, extension } = terms
  const stages = approval.required ? approval.stages : []
  const problems = stages.flatMap(({ approvers }, index) =>
    approvers.length > 0
      ? []
      : [
          problem(
            `approval.stages[${index}].approvers`,
            refuse(
              'invalid',
              'policy.stage-without-approvers',
              `Policy ${policyId} has an approval stage without approvers; name at least one user or group in each stage.`,
              { policyId },
            ),
          ),
        ],
  )
  if (!extension.allowed || !extension.approvalRequired || approval.required) return problems
  return [
    ...problems,
    problem(
      'extension.approvalRequired',
      refuse(
        'invalid',
        'policy.extension-without-approvers',
        `Policy ${policyId} asks for approval of extensions, but has no approvers (S15: the same approvers decide); require approval of requests as well, or let extensions pass without.`,
        { policyId },
      ),
    ),
  ]
}

const problemsOfExpiration = (
  policyId: string,
  { expiration, zone }: PolicyTerms,
  now: Instant,
): readonly Problem[] =>
  expiration.kind === 'onDate' && isZone(zone) && endOfDate(expiration.date, zone) <= now
    ? [
        problem(
          'expiration.date',
          refuse(
            'invalid',
            'policy.date-passed',
            `Policy ${policyId} ends access on ${expiration.date}, which is over; choose a later date, or disable the policy.`,
            { policyId, date: expiration.date },
          ),
        ),
      ]
    : []

/** Everybody whom terms name, with where they do. */
export const principalsOf = ({
  requestors,
  approval,
}: PolicyTerms): readonly { readonly path: string; readonly principal: Principal }[] => [
  ...(requestors.kind === 'directory' ? requestors.principals : []).map((principal, index) => ({
    path: `requestors.principals[${index}]`,
    principal,
  })),
  ...(approval.required ? approval.stages : []).flatMap(({ approvers }, stage) =>
    approvers.map((principal, index) => ({
      path: `approval.stages[${stage}].approvers[${index}]`,
      principal,
    })),
  ),
]

const unknown = (path: string, kind: string, id: string): Problem =>
  problem(
    path,
    refuse(
      'invalid',
      'policy.unknown-principal',
      `The directory doesn't know ${kind} ${id}; check the id, or import it first.`,
      { unknown: [{ kind, id }] },
    ),
  )

const problemsOfNames = (
  terms: PolicyTerms,
  { unknownPrincipals, refusedDirectories }: AccessPackageFacts,
): readonly Problem[] => {
  const isUnknown = (kind: string, id: string): boolean =>
    unknownPrincipals.some((principal) => principal.kind === kind && principal.id === id)
  const { requestors } = terms
  const directoryIds = requestors.kind === 'external' ? requestors.directoryIds : []
  return [
    ...principalsOf(terms).flatMap(({ path, principal: { kind, id } }) =>
      isUnknown(kind, id) ? [unknown(path, kind, id)] : [],
    ),
    ...directoryIds.flatMap((id, index) => {
      const path = `requestors.directoryIds[${index}]`
      if (isUnknown('externalDirectory', id)) return [unknown(path, 'externalDirectory', id)]
      if (!refusedDirectories.includes(id)) return []
      const refusal = refuse(
        'not-allowed',
        'policy.directory-refused',
        `The collaboration restrictions don't allow ${id} (S8); leave it out, or have it allowed first.`,
        { directoryIds: [id] },
      )
      return [problem(path, refusal)]
    }),
  ]
}

const at = (path: string, problems: readonly Problem[]): readonly Problem[] =>
  problems.map((each) => ({ ...each, path: `${path}.${each.path}` }))

/**
 * What is wrong with a policy's own words, whatever the directory says (S10, S14, S15).
 * @param path of the terms in the command
 */
export const problemsOfTerms = (
  { policyId, terms }: Pick<NewPolicy, 'policyId' | 'terms'>,
  path: string,
  now: Instant,
): readonly Problem[] =>
  at(path, [
    ...problemsOfZone(policyId, terms),
    ...problemsOfApproval(policyId, terms),
    ...problemsOfExpiration(policyId, terms, now),
  ])

/**
 * Everything that is wrong with a policy that is to be added or changed (S7, S8, S10, S14, S15).
 * A policy that is already there keeps working when a group of it is deleted later: only what is written now is
 * checked.
 * @param path of the terms in the command
 */
export const problemsOfPolicy = (
  policy: Pick<NewPolicy, 'policyId' | 'terms'>,
  path: string,
  now: Instant,
  facts: AccessPackageFacts,
): readonly Problem[] => [
  ...problemsOfTerms(policy, path, now),
  ...at(path, problemsOfNames(policy.terms, facts)),
]
