import type { PolicyApplication, PolicyTerms } from '@portcullis/domain'
import type { PackageStanding, PackageView } from '@portcullis/views'
import type { ConferredRole } from './names.ts'

/** What a policy asks of a requestor and gives them: without the lists of who else may ask and who decides. */
export interface RequestablePolicy
  extends Pick<
    PolicyTerms,
    'displayName' | 'description' | 'requestorJustification' | 'expiration' | 'extension' | 'zone'
  > {
  readonly id: string
  readonly approval:
    | { readonly required: false }
    | { readonly required: true; readonly stages: readonly { readonly timeoutDays: number }[] }
}

/** An access package as somebody sees it who may request it (S23). */
export interface RequestablePackage {
  readonly id: string
  readonly displayName: string
  readonly description: string
  /** What it confers. */
  readonly roles: readonly ConferredRole[]
  /** The policies that let the caller in. */
  readonly policies: readonly RequestablePolicy[]
  /** Does the caller have it (or will, from a start to come), or a request for it that waits? */
  readonly state: PackageStanding | null
}

/** The policies that somebody may request by now, of all that were looked at. */
export const requestablePolicies = (
  applications: readonly PolicyApplication[],
): readonly RequestablePolicy[] =>
  applications
    .filter(({ enabled, basis }) => enabled && basis !== null)
    .map(({ policyId, terms }) => summary(policyId, terms))

const summary = (id: string, terms: PolicyTerms): RequestablePolicy => {
  const { displayName, description, requestorJustification, expiration, extension, zone } = terms
  const { approval } = terms
  return {
    id,
    displayName,
    description,
    requestorJustification,
    approval: approval.required
      ? { required: true, stages: approval.stages.map(({ timeoutDays }) => ({ timeoutDays })) }
      : { required: false },
    expiration,
    extension,
    zone,
  }
}

export const requestablePackage = (
  { id, displayName, description }: Pick<PackageView, 'id' | 'displayName' | 'description'>,
  policies: readonly RequestablePolicy[],
  roles: readonly ConferredRole[],
  state: PackageStanding | undefined,
): RequestablePackage => ({ id, displayName, description, roles, policies, state: state ?? null })
