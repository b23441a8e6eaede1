import type { PolicyTerms } from '@portcullis/domain'

type Stage = Extract<PolicyTerms['approval'], { required: true }>['stages'][number]

/**
 * The terms that govern a request: whole for those who manage the package; for the others without the lists of people,
 * groups and directories.
 */
export interface ShownTerms extends Omit<PolicyTerms, 'requestors' | 'approval'> {
  readonly requestors:
    | PolicyTerms['requestors']
    | { readonly kind: PolicyTerms['requestors']['kind'] }
  readonly approval:
    | { readonly required: false }
    | {
        readonly required: true
        readonly stages: readonly (Stage | Omit<Stage, 'approvers'>)[]
      }
}

/** What a subject is shown: who else may ask, and who decides for others, is none of their business. */
export const withoutPrincipals = (terms: PolicyTerms): ShownTerms => ({
  ...terms,
  requestors: { kind: terms.requestors.kind },
  approval: terms.approval.required
    ? {
        required: true,
        stages: terms.approval.stages.map(({ approvers: _, ...stage }) => stage),
      }
    : terms.approval,
})
