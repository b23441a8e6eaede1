import { type Instant, type Refusal, refuse } from '@portcullis/core'
import type { PolicyTerms } from '../policyTerms.ts'
import { endOfDate, isZone } from '../time.ts'
import type { AccessPackageFacts, NewPolicy } from './accessPackage.commands.ts'

type Refused = { readonly ok: false; readonly refusal: Refusal }

const ofTerms = (policyId: string, terms: PolicyTerms, now: Instant): Refused | undefined => {
  if (!isZone(terms.zone)) {
    return refuse(
      'invalid',
      'policy.unknown-zone',
      `Policy ${policyId} counts its days in "${terms.zone}", which isn't a known time zone; use an IANA name such as Europe/Berlin.`,
      { policyId, zone: terms.zone },
    )
  }
  if (
    terms.approval.required &&
    terms.approval.stages.some((stage) => stage.approvers.length === 0)
  )
    return refuse(
      'invalid',
      'policy.stage-without-approvers',
      `Policy ${policyId} has an approval stage without approvers; name at least one user or group in each stage.`,
      { policyId },
    )
  if (terms.extension.allowed && terms.extension.approvalRequired && !terms.approval.required) {
    return refuse(
      'invalid',
      'policy.extension-without-approvers',
      `Policy ${policyId} asks for approval of extensions, but has no approvers (S15: the same approvers decide); require approval of requests as well, or let extensions pass without.`,
      { policyId },
    )
  }
  const { expiration } = terms
  return expiration.kind === 'onDate' && endOfDate(expiration.date, terms.zone) <= now
    ? refuse(
        'invalid',
        'policy.date-passed',
        `Policy ${policyId} ends access on ${expiration.date}, which is over; choose a later date, or disable the policy.`,
        { policyId, date: expiration.date },
      )
    : undefined
}

/**
 * What is wrong with policies that are to be added or changed (S7, S8, S10, S14, S15); undefined when nothing is.
 * A policy that is already there keeps working when a group of it is deleted later: only what is written now is checked.
 */
export const refusalOfPolicies = (
  policies: readonly Pick<NewPolicy, 'policyId' | 'terms'>[],
  now: Instant,
  facts: AccessPackageFacts,
): Refused | undefined => {
  for (const { policyId, terms } of policies) {
    const refusal = ofTerms(policyId, terms, now)
    if (refusal !== undefined) return refusal
  }
  const { unknownPrincipals, refusedDirectories } = facts
  if (unknownPrincipals.length > 0) {
    const list = unknownPrincipals.map(({ kind, id }) => `${kind} ${id}`).join(', ')
    return refuse(
      'invalid',
      'policy.unknown-principal',
      `The directory doesn't know ${list}; check the ids, or import them first.`,
      { unknown: unknownPrincipals.map(({ kind, id }) => ({ kind, id })) },
    )
  }
  return refusedDirectories.length > 0
    ? refuse(
        'not-allowed',
        'policy.directory-refused',
        `The collaboration restrictions don't allow ${refusedDirectories.join(', ')} (S8); leave it out, or have it allowed first.`,
        { directoryIds: refusedDirectories },
      )
    : undefined
}
