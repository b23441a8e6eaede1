import { retryBinds } from '@portcullis/domain'
import type { PromiseEvidence } from './evidence.ts'
import { ageText, type Findings, lengthText, placeOf } from './findings.ts'
import type { GrantTrace } from './grantTrace.ts'
import type { LogIndex } from './logIndex.ts'
import { traceTimers } from './timerTrace.ts'
import { createUptime, type Uptime } from './uptime.ts'

/** Promise 5: each timer fires once, not before its time, late only by downtime, and in order; none is forgotten. */
export const checkTimers = (
  { tolerance, now, live }: PromiseEvidence,
  { entitlements, grants }: LogIndex,
  findings: Findings,
): void => {
  const { lateMillis, downtimes } = tolerance
  const uptime = createUptime(downtimes)
  const isForgotten = (dueAt: string): boolean =>
    live === undefined
      ? uptime(dueAt, now) > lateMillis
      : live.firedBefore !== null && dueAt < live.firedBefore
  for (const history of entitlements.values()) {
    const { fired, pending, dropped, faults, set } = traceTimers(history)
    findings.looked(set)
    for (const fault of faults) findings.broke(fault)
    let previous: (typeof fired)[number] | undefined
    for (const firing of fired) {
      const { timer, event } = firing
      const { at } = event.metadata
      const late = uptime(timer.dueAt, at)
      if (at < timer.dueAt)
        findings.broke(`${timer.name} fired at ${at} (${placeOf(event)}), before ${timer.dueAt}`)
      else if (late > lateMillis)
        findings.broke(
          `${timer.name} was due at ${timer.dueAt} and fired at ${at} (${placeOf(event)}), ${lengthText(late)} of uptime late`,
        )
      if (previous !== undefined && timer.dueAt < previous.timer.dueAt)
        findings.broke(
          `${timer.name}, due at ${timer.dueAt}, fired (${placeOf(event)}) after ${previous.timer.name}, which was due later, at ${previous.timer.dueAt}`,
        )
      previous = firing
    }
    for (const { timer, event } of dropped)
      if (uptime(timer.dueAt, event.metadata.at) > lateMillis)
        findings.broke(
          `${timer.name} was due at ${timer.dueAt} and hadn't fired when ${placeOf(event)} called it off, at ${event.metadata.at}`,
        )
    for (const timer of pending)
      if (isForgotten(timer.dueAt))
        findings.broke(
          `${timer.name} was due at ${timer.dueAt} and hasn't fired for ${ageText(timer.dueAt, now)}`,
        )
  }
  for (const grant of grants.values()) checkRetries(grant, uptime, lateMillis, now, findings)
}

/** A try after a failure isn't made before its time; and is made, where there is still something to do. */
const checkRetries = (
  grant: GrantTrace,
  uptime: Uptime,
  lateMillis: number,
  now: string,
  findings: Findings,
): void => {
  const { grantId, operations, retry, holders, preexisting, actual } = grant
  for (const { operation, started, waitingFor } of operations) {
    if (started === undefined || waitingFor?.data.operation !== operation) continue
    const { retryAt } = waitingFor.data
    if (retryAt === null) continue
    findings.looked()
    const { at } = started.metadata
    // A clock that was ahead has put it off for longer than any wait is: nobody had to wait for that.
    if (at < retryAt && retryBinds(operation, retryAt, at))
      findings.broke(
        `${grantId} was tried again at ${at} (${placeOf(started)}), before ${retryAt}, the time that ${placeOf(waitingFor)} had set`,
      )
  }
  const settled = holders.length > 0 ? actual === 'present' : preexisting || actual === 'absent'
  if (retry === undefined || settled) return
  findings.looked()
  const dueAt = retry.type === 'ProvisioningFailed.v1' ? retry.data.retryAt : retry.metadata.at
  if (dueAt !== null && uptime(dueAt, now) > lateMillis)
    findings.broke(
      `${grantId} was to be tried again at ${dueAt} (${placeOf(retry)}) and hasn't been for ${ageText(dueAt, now)}`,
    )
}
