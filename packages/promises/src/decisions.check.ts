import type { PromiseEvidence } from './evidence.ts'
import { type Findings, placeOf } from './findings.ts'
import type { GrantTrace } from './grantTrace.ts'
import { type AssignmentFacts, type LogIndex, roleKey } from './logIndex.ts'
import { checkRequest, whyNotApproved } from './requests.check.ts'

/**
 * Promise 3: every access traces to a hold, an assignment, its approval, its request, its policy's version and the
 * facts relied on.
 */
export const checkDecisions = (
  evidence: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  for (const request of index.requests.values()) checkRequest(request, index, findings)
  for (const assignment of index.assignments.values()) checkAssignment(assignment, index, findings)
  for (const grant of index.grants.values()) {
    checkHolds(grant, index, findings)
    checkOperations(grant, findings)
  }
  checkMemberships(evidence, index, findings)
}

const checkAssignment = (
  { assignmentId, scheduled, started, extended }: AssignmentFacts,
  index: LogIndex,
  findings: Findings,
): void => {
  for (const event of [scheduled, started]) {
    if (event === undefined) continue
    findings.looked()
    const { requestId, packageId, subjectId, policyId, policyVersion } = event.data
    const request = index.requests.get(requestId)
    const gap = whyNotApproved(requestId, request, event)
    if (gap !== undefined) findings.broke(`${assignmentId} began (${placeOf(event)}), but ${gap}`)
    const asked = request?.submitted.data
    if (
      asked !== undefined &&
      (asked.packageId !== packageId ||
        asked.subjectId !== subjectId ||
        asked.policyId !== policyId ||
        asked.policyVersion !== policyVersion ||
        asked.kind === 'extension')
    )
      findings.broke(
        `${assignmentId} (${placeOf(event)}) isn't what ${requestId} asked for: another package, subject or policy, or an extension`,
      )
  }
  for (const event of extended) {
    findings.looked()
    const { requestId } = event.data
    const request = index.requests.get(requestId)
    const gap = whyNotApproved(requestId, request, event)
    if (gap !== undefined)
      findings.broke(`${assignmentId} was extended (${placeOf(event)}), but ${gap}`)
    const asked = request?.submitted.data
    if (asked !== undefined && (asked.kind !== 'extension' || asked.assignmentId !== assignmentId))
      findings.broke(`${requestId} didn't ask to extend ${assignmentId} (${placeOf(event)})`)
  }
}

const checkHolds = (grant: GrantTrace, index: LogIndex, findings: Findings): void => {
  const { grantId, holds, subjectId } = grant
  for (const { assignmentId, added } of holds) {
    findings.looked()
    const started = index.assignments.get(assignmentId)?.started
    if (started === undefined || started.position > added.position) {
      findings.broke(
        `${assignmentId} holds ${grantId} (${placeOf(added)}), but had not started by then`,
      )
      continue
    }
    if (started.data.subjectId !== subjectId)
      findings.broke(
        `${assignmentId} of ${started.data.subjectId} holds ${grantId} (${placeOf(added)}), the access of somebody else`,
      )
    const role = index.packages.get(started.data.packageId)?.roles.get(roleKey(grant))
    if (role === undefined || role.firstAdded > added.position)
      findings.broke(
        `${assignmentId} holds ${grantId} (${placeOf(added)}), but package ${started.data.packageId} didn't have that role by then`,
      )
  }
}

/**
 * An operation that began while somebody held the grant may end after the last one let go (then a revoke follows, by
 * promise 2); one that began, or ended without a beginning, while nobody did is a gift.
 */
const checkOperations = ({ grantId, operations }: GrantTrace, findings: Findings): void => {
  for (const { operation, started, outcome, holders } of operations) {
    if (operation !== 'grant') continue
    findings.looked()
    const event = started ?? outcome
    if (holders.length === 0 && event !== undefined)
      findings.broke(`${grantId} was granted while nobody held it: ${placeOf(event)}`)
  }
}

const checkMemberships = (
  { memberships, membershipsBefore }: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  if (memberships === undefined || membershipsBefore === undefined) return
  for (const grantId of memberships) {
    findings.looked()
    const grant = index.grants.get(grantId)
    if (membershipsBefore.has(grantId) || (grant?.holders.length ?? 0) > 0) continue
    // Somebody gave it by hand; a scan found it, and the log says so.
    if (grant?.drift === 'unexpected') continue
    // What was ours once and stayed is promise 2's.
    const stayed = grant !== undefined && !grant.preexisting
    if (stayed && (grant.holds.length > 0 || grant.operations.length > 0)) continue
    findings.broke(
      grant?.preexisting === true
        ? `the target has ${grantId}; the log calls it pre-existing, but it wasn't there before`
        : `the target has ${grantId}, which it didn't have before, and the log has nothing that confers it`,
    )
  }
}
