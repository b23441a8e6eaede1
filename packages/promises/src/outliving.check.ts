import type { PromiseEvidence } from './evidence.ts'
import { ageText, type Findings, placeOf } from './findings.ts'
import type { GrantTrace } from './grantTrace.ts'
import type { LogEvent } from './logEvent.ts'
import type { LogIndex } from './logIndex.ts'

/** What may still be told of an assignment that has ended. A second end is promise 5's. */
const AFTER_THE_END: readonly LogEvent['type'][] = [
  'AssignmentEnded.v2',
  'RolesRevoked.v1',
  'ExtensionReminderSkipped.v1',
]

/**
 * Promise 2: after an assignment's end, everything that only it conferred is gone; what isn't yet is listed with its
 * age.
 */
export const checkOutliving = (
  evidence: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  checkAfterEnds(index, findings)
  for (const grant of index.grants.values()) {
    findings.looked()
    checkHolds(grant, evidence, index, findings)
    // Of a live log, it is an open problem as long as it is so.
    if (grant.holders.length === 0 && evidence.live === undefined)
      checkUnheld(grant, evidence, findings)
  }
}

const checkAfterEnds = (index: LogIndex, findings: Findings): void => {
  for (const { ended } of index.assignments.values()) if (ended !== undefined) findings.looked()
  for (const history of index.entitlements.values()) {
    for (const event of history) {
      const assignmentId = 'assignmentId' in event.data ? event.data.assignmentId : undefined
      if (assignmentId === undefined || assignmentId === null) continue
      const ended = index.assignments.get(assignmentId)?.ended
      if (ended === undefined || event.position <= ended.position) continue
      if (!AFTER_THE_END.includes(event.type))
        findings.broke(
          `${placeOf(event)} is about ${assignmentId}, which ended before, at position ${ended.position}`,
        )
      if (event.type !== 'RolesRevoked.v1' || !event.data.complete) continue
      for (const { grantId, added, released } of index.holds.get(assignmentId) ?? [])
        if (
          added.position < event.position &&
          (released === undefined || released.position > event.position)
        )
          findings.broke(
            `${placeOf(event)} says that nothing of ${assignmentId} is left, but it still held ${grantId}`,
          )
    }
  }
}

const checkHolds = (
  { grantId, holds }: GrantTrace,
  { now, live }: PromiseEvidence,
  index: LogIndex,
  findings: Findings,
): void => {
  for (const { assignmentId, added, released, afterItsEnd } of holds) {
    if (afterItsEnd)
      findings.broke(
        `${assignmentId} holds ${grantId} again (${placeOf(added)}), after its end was noted there`,
      )
    const ended = index.assignments.get(assignmentId)?.ended
    if (live !== undefined && ended !== undefined && ended.metadata.at >= live.releasedBefore)
      continue
    if (ended !== undefined && released === undefined)
      findings.broke(
        `${assignmentId} ended at position ${ended.position}, but still holds ${grantId} (open for ${ageText(ended.metadata.at, now)})`,
      )
  }
}

const checkUnheld = (
  grant: GrantTrace,
  { memberships, membershipsBefore, now }: PromiseEvidence,
  findings: Findings,
): void => {
  const { grantId, actual, preexisting, drift } = grant
  if (preexisting) return
  const last = grant.releases.at(-1)
  const since =
    last === undefined
      ? 'nobody ever held it'
      : `nobody has held it since position ${last.position}, for ${ageText(last.metadata.at, now)}`
  if (actual !== 'absent') {
    findings.broke(
      `${grantId} isn't known to be revoked, although ${since}: ${whyNotRevoked(grant)}`,
    )
    return
  }
  // What somebody gave by hand, found by a scan and left alone.
  if (memberships?.has(grantId) !== true || drift === 'unexpected') return
  const oursOnce = grant.operations.some(({ operation }) => operation === 'grant')
  const cameMeanwhile = membershipsBefore !== undefined && !membershipsBefore.has(grantId)
  if (oursOnce || (cameMeanwhile && grant.holds.length > 0))
    findings.broke(
      `the target has ${grantId}, although ${since}, and the log says that it is absent`,
    )
}

const whyNotRevoked = ({ failed, inFlight, awaited, actual }: GrantTrace): string => {
  if (awaited !== undefined)
    return `somebody has until ${awaited.data.until} to say that the ${awaited.data.operation} is done (${placeOf(awaited)})`
  if (inFlight !== undefined)
    return `a ${inFlight.data.operation} (${placeOf(inFlight)}) was begun and never ended`
  if (failed !== undefined)
    return `the last try failed with ${failed.data.code} (${placeOf(failed)})`
  return actual === 'present' ? 'no revoke was begun' : 'its last operation was never read back'
}
