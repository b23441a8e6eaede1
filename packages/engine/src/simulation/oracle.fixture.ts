import { eventId } from '@portcullis/core'
import { type PolicyTerms, parseAssignmentId } from '@portcullis/domain'
import { commandKeysProjection } from '@portcullis/views'
import { conferred, type LogEvent } from './conferred.fixture.ts'

// What the promises ask of a log and a target, told a third time: neither by the deciders, nor by the checker of
// `promises/`.

export type Broke = (promise: number, sentence: string) => void

const place = ({ type, position }: LogEvent): string => `${type} at ${position}`
const roleOf = (data: { readonly resourceId: string; readonly roleId: string }): string =>
  `${data.resourceId}.${data.roleId}`

const TELLS_OF_KEYS: ReadonlySet<string> = new Set(commandKeysProjection.in('live').handles)

/**
 * Promises 1 and 6: everything in its place, and what a command caused stands together, under ids of its own; and of
 * each one from outside something tells the view of keys.
 */
export const checkPlaces = (events: readonly LogEvent[], broke: Broke): void => {
  const revisions = new Map<string, bigint>()
  const commands = new Map<string, { readonly next: bigint; readonly count: number }>()
  const untold = new Map<string, LogEvent>()
  const told = new Set<string>()
  for (const [index, event] of events.entries()) {
    const { stream, revision, position, metadata } = event
    if (position !== BigInt(index + 1)) broke(1, `${place(event)} is number ${index + 1}`)
    if (revision !== (revisions.get(stream) ?? 0n)) broke(1, `${place(event)} is out of its place`)
    revisions.set(stream, revision + 1n)
    const key = `${stream} ${metadata.commandId}`
    const before = commands.get(key)
    if (before !== undefined && before.next !== position)
      broke(6, `${place(event)}: its command did something before`)
    const count = before?.count ?? 0
    if (event.id !== eventId(metadata.commandId, stream, count, metadata))
      broke(6, `${place(event)} has an id of its own`)
    commands.set(key, { next: position + 1n, count: count + 1 })
    if (metadata.digest === undefined) continue
    const whole = metadata.outerId ?? metadata.commandId
    if (TELLS_OF_KEYS.has(event.type)) told.add(whole)
    else untold.set(whole, event)
  }
  for (const [whole, event] of untold)
    if (!told.has(whole)) broke(6, `${place(event)}: the view of keys isn't told of its command`)
}

/**
 * Promise 4, by the log: a revoke begins when nobody holds; a hold goes when its assignment has ended, or its package
 * has lost the role.
 */
export const checkRevokes = (events: readonly LogEvent[], broke: Broke): void => {
  const holders = new Map<string, Set<string>>()
  const ended = new Set<string>()
  const lost = new Set<string>()
  for (const event of events) {
    const held = holders.get(event.stream) ?? new Set<string>()
    holders.set(event.stream, held)
    switch (event.type) {
      case 'AssignmentEnded.v2':
        ended.add(event.data.assignmentId)
        break
      case 'ResourceRoleRemoved.v1':
        lost.add(`${event.data.packageId} ${roleOf(event.data)}`)
        break
      case 'HoldAdded.v1':
        held.add(event.data.assignmentId)
        break
      case 'HoldReleased.v1': {
        const { assignmentId } = event.data
        held.delete(assignmentId)
        const { packageId } = parseAssignmentId(assignmentId) ?? {}
        if (!ended.has(assignmentId) && !lost.has(`${packageId} ${roleOf(event.data)}`))
          broke(4, `${place(event)}: ${assignmentId} still confers it`)
        break
      }
      case 'ProvisioningStarted.v2':
        if (event.data.operation === 'revoke' && held.size > 0)
          broke(4, `${place(event)}: revoked while ${[...held].join(', ')} holds it`)
        break
      default:
    }
  }
}

/**
 * Promise 4, by the target, as it lets go of an access: no assignment conferred that when the revoke began, and still
 * does.
 */
export const checkGap = (grantId: string, events: readonly LogEvent[], broke: Broke): void => {
  const begun = events.findLast(
    ({ stream, type }) => stream === `grant-${grantId}` && type === 'ProvisioningStarted.v2',
  )
  if (begun === undefined) {
    broke(4, `${grantId} was revoked, and no operation had begun`)
    return
  }
  const { at } = begun.metadata
  const atFirst = conferred(events.slice(0, Number(begun.position)), at)
  if (atFirst.must.has(grantId) && conferred(events, at).must.has(grantId))
    broke(4, `the target let go of ${grantId}, which an assignment confers: ${place(begun)}`)
}

/** Who was what when an event was appended. */
export interface Moment {
  isApprover(personId: string, terms: PolicyTerms, stage: number): boolean
  isInScope(personId: string, terms: PolicyTerms): boolean
}

/**
 * Promise 3: an assignment has a request, a policy's version that was there, and an approval of each stage by somebody
 * who was an approver then.
 */
export const checkDecisions = (
  events: readonly LogEvent[],
  momentOf: (position: bigint) => Moment,
  broke: Broke,
): void => {
  const versions = new Map<string, PolicyTerms>()
  const approved = new Set<string>()
  const terms = new Map<string, PolicyTerms>()
  const stages = new Map<string, string[]>()
  const started = new Set<string>()
  for (const event of events) {
    switch (event.type) {
      case 'PolicyAdded.v1':
      case 'PolicyChanged.v1': {
        const { packageId, policyId, policyVersion } = event.data
        versions.set(`${packageId} ${policyId} ${policyVersion}`, event.data.terms)
        break
      }
      case 'RequestSubmitted.v1': {
        const { requestId, kind, packageId, policyId, policyVersion, subjectId } = event.data
        const version = versions.get(`${packageId} ${policyId} ${policyVersion}`)
        if (version === undefined || JSON.stringify(version) !== JSON.stringify(event.data.terms))
          broke(3, `${place(event)}: there was no such version of the policy`)
        else terms.set(requestId, version)
        if (kind === 'new' && !momentOf(event.position).isInScope(subjectId, event.data.terms))
          broke(3, `${place(event)}: ${subjectId} was not in the policy's scope`)
        break
      }
      case 'RequestAutoApproved.v1': {
        const { requestId, reason } = event.data
        const { approval, extension } = terms.get(requestId) ?? {}
        const may =
          (reason === 'direct-assignment' && event.metadata.actor.id === 'admin') ||
          (reason === 'policy-without-approval' && approval?.required === false) ||
          (reason === 'extension-without-approval' &&
            extension?.allowed === true &&
            !extension.approvalRequired)
        if (!may) broke(3, `${place(event)}: ${requestId} needed an approval`)
        approved.add(requestId)
        break
      }
      case 'ApprovalGranted.v1': {
        const { requestId, approverId, stage, next } = event.data
        const own = terms.get(requestId)
        const subject = requestId.split('.')[1]
        const may = own && momentOf(event.position).isApprover(approverId, own, stage)
        if (!may || approverId === subject)
          broke(3, `${place(event)}: ${approverId} was no approver`)
        const by = [...(stages.get(requestId) ?? []), approverId]
        stages.set(requestId, by)
        const needed = own?.approval.required ? own.approval.stages.length : 0
        if (next === null && new Set(by).size === needed) approved.add(requestId)
        break
      }
      case 'AssignmentScheduled.v1':
      case 'AssignmentStarted.v1':
      case 'AssignmentExtended.v1':
        if (!approved.has(event.data.requestId))
          broke(3, `${place(event)}: ${event.data.requestId} was not approved`)
        started.add(event.data.assignmentId)
        break
      case 'HoldAdded.v1':
        if (!started.has(event.data.assignmentId))
          broke(3, `${place(event)}: ${event.data.assignmentId} never began`)
        break
      default:
    }
  }
}
