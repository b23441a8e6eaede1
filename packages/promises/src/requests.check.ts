import { jsonEqual } from '@portcullis/core'
import { type Basis, entitlementId, entitlementStream, type PolicyTerms } from '@portcullis/domain'
import { type Findings, placeOf } from './findings.ts'
import type { LogEvent, Logged } from './logEvent.ts'
import { type LogIndex, policyKey, type RequestFacts } from './logIndex.ts'

type Submitted = Logged<'RequestSubmitted.v1'>['data']

/**
 * Promise 3, the requests' part: a policy's version that was there, a basis that its terms name, approvers who were
 * allowed to.
 */
export const checkRequest = (request: RequestFacts, index: LogIndex, findings: Findings): void => {
  findings.looked()
  const { submitted, autoApproved, granted } = request
  const { data } = submitted
  const place = `${data.requestId} (${placeOf(submitted)})`
  if (submitted.stream !== entitlementStream(entitlementId(data.packageId, data.subjectId)))
    findings.broke(`${place} is in ${submitted.stream}, the stream of another package or subject`)
  checkPolicy(request, place, index, findings)
  if (!isInScope(data)) findings.broke(`${place} relies on ${basisText(data.basis)}, ${notNamed}`)
  if (autoApproved !== undefined && !mayPassWithout(data, autoApproved))
    findings.broke(
      `${data.requestId} was approved automatically (${placeOf(autoApproved)}: ${autoApproved.data.reason}), but its policy asks for an approval`,
    )
  for (const event of granted) {
    findings.looked()
    checkApproval(event, request, findings)
  }
}

const notNamed = "which its policy's terms don't name"
const basisText = ({ kind, id }: Basis): string => `${kind} ${id}`

const checkPolicy = (
  { submitted }: RequestFacts,
  place: string,
  index: LogIndex,
  findings: Findings,
): void => {
  const { packageId, policyId, policyVersion, terms } = submitted.data
  const policy = index.packages.get(packageId)?.policies.get(policyKey(policyId, policyVersion))
  const named = `version ${policyVersion} of policy ${policyId} of package ${packageId}`
  if (policy === undefined || policy.position > submitted.position)
    findings.broke(`${place} is under ${named}, which the log didn't have by then`)
  else if (!jsonEqual(policy.data.terms, terms))
    findings.broke(`${place} holds other terms than ${named} has (${placeOf(policy)})`)
}

const isInScope = ({ kind, basis, terms, subjectId, requestorId }: Submitted): boolean => {
  const { requestors } = terms
  switch (requestors.kind) {
    case 'none':
      // An extension relies on what its assignment relied on.
      return (
        basis.kind === 'administrator' &&
        (kind === 'extension' || (kind === 'direct' && basis.id === requestorId))
      )
    case 'external':
      return basis.kind === 'externalDirectory' && requestors.directoryIds.includes(basis.id)
    case 'directory':
      return (
        isNamed(basis, requestors.principals) && (basis.kind !== 'user' || basis.id === subjectId)
      )
    default:
      return requestors satisfies never
  }
}

const isNamed = (
  { kind, id }: Basis,
  principals: readonly { readonly kind: string; readonly id: string }[],
): boolean => principals.some((principal) => principal.kind === kind && principal.id === id)

/** S10, S15, S18: by the terms, by the extension's rule, or because an administrator gave it. */
const mayPassWithout = (
  { kind, terms }: Submitted,
  { data: { reason } }: Logged<'RequestAutoApproved.v1'>,
): boolean => {
  switch (reason) {
    case 'policy-without-approval':
      return kind === 'new' && !terms.approval.required
    case 'extension-without-approval':
      return kind === 'extension' && terms.extension.allowed && !terms.extension.approvalRequired
    case 'direct-assignment':
      return kind === 'direct'
    default:
      return reason satisfies never
  }
}

const stagesOf = ({ approval }: PolicyTerms) => (approval.required ? approval.stages : [])

const checkApproval = (
  event: Logged<'ApprovalGranted.v1'>,
  { submitted, granted }: RequestFacts,
  findings: Findings,
): void => {
  const { stage, approverId, basis } = event.data
  const { requestId, terms, subjectId, requestorId } = submitted.data
  const place = `stage ${stage} of ${requestId} (${placeOf(event)})`
  if (approverId === subjectId || approverId === requestorId)
    findings.broke(`${place} was approved by ${approverId}, whose own request it is`)
  const approvers = stagesOf(terms)[stage - 1]?.approvers ?? []
  if (!isNamed(basis, approvers) || (basis.kind === 'user' && basis.id !== approverId))
    findings.broke(
      `${place} was approved by ${approverId} through ${basisText(basis)}, ${notNamed} as approver`,
    )
  const earlier = granted.find(
    (other) => other.position < event.position && other.data.approverId === approverId,
  )
  if (earlier !== undefined)
    findings.broke(`${place} was approved by ${approverId}, who had approved another stage`)
}

/**
 * Why a request hadn't been approved by the time of an event that takes it as approved; undefined when it had.
 * @returns the end of a sentence
 */
export const whyNotApproved = (
  requestId: string,
  request: RequestFacts | undefined,
  by: LogEvent,
): string | undefined => {
  const before = (event: LogEvent | undefined): boolean =>
    event !== undefined && event.stream === by.stream && event.position < by.position
  if (request === undefined || !before(request.submitted))
    return `there was no request ${requestId} in ${by.stream} by then`
  const { submitted, autoApproved, granted, closed } = request
  if (closed !== undefined && before(closed)) return `${requestId} was closed by ${placeOf(closed)}`
  if (submitted.data.approval === null)
    return before(autoApproved) ? undefined : `nothing had approved ${requestId}`
  const missing = stagesOf(submitted.data.terms).findIndex(
    (_stage, index) => !granted.some((event) => event.data.stage === index + 1 && before(event)),
  )
  return missing === -1 ? undefined : `nobody had approved stage ${missing + 1} of ${requestId}`
}
