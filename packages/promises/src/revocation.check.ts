import type { PromiseEvidence } from './evidence.ts'
import { ageText, type Findings, placeOf } from './findings.ts'
import { watchGaps } from './gaps.ts'
import type { GrantTrace } from './grantTrace.ts'
import type { LogEvent } from './logEvent.ts'
import { type LogIndex, type PackageFacts, roleKey, rolesFor } from './logIndex.ts'

/**
 * Promise 4: taken away when the last assignment that confers it goes: not before, not what was there before us, and
 * what is held is there.
 */
export const checkRevocation = (
  evidence: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  for (const grant of index.grants.values()) {
    checkReleases(grant, index, findings)
    checkOperations(grant, evidence, findings)
    checkHeld(grant, evidence, index, findings)
  }
  checkConferred(evidence, index, findings)
  const gaps = watchGaps(findings)
  for (const event of wholeOf(evidence)) gaps.see(event)
}

/** With what is around a part of the log, in order. */
const wholeOf = ({ events, around }: PromiseEvidence): readonly LogEvent[] =>
  around === undefined
    ? events
    : [...around, ...events].sort((one, other) => (one.position < other.position ? -1 : 1))

/**
 * Has the package ever lost the role, by then? A role that came back meanwhile is held again; that is seen at the end.
 */
const wasRemoved = (
  grant: GrantTrace,
  packageId: string,
  position: bigint,
  index: LogIndex,
): boolean => {
  const removed = index.packages.get(packageId)?.roles.get(roleKey(grant))?.firstRemoved
  return removed !== undefined && removed < position
}

/** Of a live log, a change of roles may be on its way to anybody: as if it were held back. */
const factsOf = (
  packageId: string,
  { packages }: LogIndex,
  live: PromiseEvidence['live'],
): PackageFacts | undefined => {
  const facts = packages.get(packageId)
  return facts === undefined || live === undefined ? facts : { ...facts, allOut: false }
}

const checkReleases = (grant: GrantTrace, index: LogIndex, findings: Findings): void => {
  for (const event of grant.releases) {
    findings.looked()
    const { assignmentId, reason } = event.data
    const assignment = index.assignments.get(assignmentId)
    const ended = assignment?.ended
    if (ended !== undefined && ended.position < event.position) continue
    const packageId = assignment?.started?.data.packageId
    const place = `${assignmentId} let go of ${grant.grantId} (${placeOf(event)})`
    if (reason === 'assignment-ended')
      findings.broke(`${place} because it had ended, but it hadn't by then`)
    else if (packageId === undefined || !wasRemoved(grant, packageId, event.position, index))
      findings.broke(`${place} because its package lost the role, but it hadn't by then`)
  }
}

const checkOperations = (
  { grantId, operations }: GrantTrace,
  { membershipsBefore }: PromiseEvidence,
  findings: Findings,
): void => {
  for (const operation of operations) {
    const { started, outcome, holders, preexisting, ours, seenAbsent, unexpected } = operation
    const event = started ?? outcome
    if (event === undefined) continue
    findings.looked()
    const observed = started?.data.observed
    if (operation.operation === 'grant') {
      if (observed === 'present' && !ours)
        findings.broke(
          `${grantId} was there before we granted it, and wasn't recorded as pre-existing: ${placeOf(event)}`,
        )
      continue
    }
    if (holders.length > 0)
      findings.broke(
        `${grantId} was being revoked while ${holders.join(', ')} held it: ${placeOf(event)}`,
      )
    const wasThere = preexisting || (membershipsBefore?.has(grantId) === true && !seenAbsent)
    // What a scan found and policy says to take away is no secret: the log says so before.
    if (wasThere && !unexpected && observed !== 'absent')
      findings.broke(
        `${grantId} is access that the subject had before us, and was being revoked: ${placeOf(event)}`,
      )
  }
}

/** An access that couldn't be delivered so far is a visible problem (S21), not a revocation. */
const deliveryFailed = ({ failed, inFlight }: GrantTrace): boolean =>
  failed?.data.operation === 'grant' && inFlight === undefined

/** Somebody is to carry it out by hand, and has time to. */
const isAwaited = ({ awaited, inFlight }: GrantTrace, now: string): boolean =>
  inFlight?.data.operation === 'grant' && awaited !== undefined && awaited.data.until > now

const checkHeld = (
  grant: GrantTrace,
  { memberships, now, live }: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  const { grantId, holders, actual, inFlight, drift } = grant
  const [first] = holders
  if (first === undefined) return
  findings.looked()
  for (const { assignmentId, added } of holders) {
    const assignment = index.assignments.get(assignmentId)
    const packageId = assignment?.started?.data.packageId
    if (assignment === undefined || assignment.ended !== undefined || packageId === undefined)
      continue
    const facts = factsOf(packageId, index, live)
    const isLost =
      facts?.roles.has(roleKey(grant)) && !rolesFor(facts, assignment).may.has(roleKey(grant))
    if (isLost)
      findings.broke(
        `${assignmentId} still holds ${grantId} (${placeOf(added)}), a role that its package has lost`,
      )
  }
  const names = holders.map(({ assignmentId }) => assignmentId).join(', ')
  if (actual === 'present' && drift !== 'missing' && memberships?.has(grantId) === false)
    findings.broke(`${names} holds ${grantId}, and the log says that it is there, but it isn't`)
  // Of a live log, it is an open problem as long as it is so.
  if (live !== undefined) return
  if (actual !== 'present' && !deliveryFailed(grant) && !isAwaited(grant, now))
    findings.broke(
      `${names} holds ${grantId} (for ${ageText(first.added.metadata.at, now)}), but it isn't there: ${
        inFlight === undefined
          ? 'nobody has granted it since'
          : `the ${inFlight.data.operation} of position ${inFlight.position} never ended`
      }`,
    )
}

/** What an active assignment confers, by the version of its package's roles that has reached it, it holds. */
const checkConferred = (
  { now, live }: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  for (const assignment of index.assignments.values()) {
    const { assignmentId, started, ended } = assignment
    if (started === undefined || ended !== undefined) continue
    if (live !== undefined && started.metadata.at >= live.conferredBefore) continue
    const { packageId, subjectId } = started.data
    const facts = factsOf(packageId, index, live)
    for (const role of facts === undefined ? [] : rolesFor(facts, assignment).must) {
      findings.looked()
      const grantId = `${role}.${subjectId}`
      const holds = index.holds.get(assignmentId) ?? []
      if (!holds.some((hold) => hold.grantId === grantId && hold.released === undefined))
        findings.broke(
          `${assignmentId} is active (for ${ageText(started.metadata.at, now)}) and confers ${grantId}, but doesn't hold it`,
        )
    }
  }
}
