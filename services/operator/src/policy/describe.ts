import type { Answer } from '@portcullis/client'

type Policy = Answer<'getAccessPackage'>['policies'][number]
type Terms = Policy['terms']

const named = ({ kind, id }: { readonly kind: string; readonly id: string }): string =>
  `${kind} ${id}`

export const requestorsText = ({ requestors }: Terms): string => {
  switch (requestors.kind) {
    case 'directory':
      return requestors.principals.map(named).join(', ')
    case 'external':
      return `everybody of ${requestors.directoryIds.join(', ')}`
    case 'none':
      return 'no one (administrators assign directly)'
  }
}

export const approvalText = ({ approval }: Terms): string =>
  approval.required
    ? approval.stages
        .map(
          ({ approvers, timeoutDays, approverJustification }) =>
            `${approvers.map(named).join(', ')} within ${timeoutDays} days${approverJustification ? ', with a justification' : ''}`,
        )
        .join('; then ')
    : 'none'

export const expirationText = ({
  expiration,
  zone,
}: Pick<Terms, 'expiration' | 'zone'>): string => {
  switch (expiration.kind) {
    case 'never':
      return 'never'
    case 'onDate':
      return `on ${expiration.date} (${zone})`
    case 'afterDays':
      return `after ${expiration.days} days (${zone})`
    case 'afterHours':
      return `after ${expiration.hours} hours`
  }
}

export const extensionText = ({ extension }: Pick<Terms, 'extension'>): string => {
  if (!extension.allowed) return 'not allowed'
  return extension.approvalRequired ? 'allowed, with approval' : 'allowed'
}

/** A policy's terms, a line each. */
export const termsLines = (terms: Terms): Readonly<Record<string, string>> => ({
  'Who may request': requestorsText(terms),
  'Requestor justification': terms.requestorJustification ? 'required' : 'not required',
  Approval: approvalText(terms),
  'Access ends': expirationText(terms),
  Extension: extensionText(terms),
})

/** One line about a policy. */
export const policyLine = ({ id, version, enabled, terms }: Policy): string =>
  `${id} v${version}${enabled ? '' : ' (disabled)'}: ${terms.displayName}; for ${requestorsText(terms)}; approval: ${approvalText(terms)}; ends ${expirationText(terms)}`

/** One line about a policy, as anybody who may request by it sees it (S23). */
export const requestablePolicyLine = (
  policy: Answer<'getRequestablePackage'>['policies'][number],
): string => {
  const approval = policy.approval.required
    ? policy.approval.stages.map(({ timeoutDays }) => `within ${timeoutDays} days`).join(', then ')
    : 'none'
  const why = policy.requestorJustification ? '; say why' : ''
  return `${policy.id}: ${policy.displayName}; approval: ${approval}${why}; ends ${expirationText(policy)}; extension: ${extensionText(policy)}`
}
