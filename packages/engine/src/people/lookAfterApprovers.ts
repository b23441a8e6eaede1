import type { Clock, createBulkHandler } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import {
  type EntitlementState,
  entitlementDecider,
  entitlementStream,
  findRequest,
  parseRequestId,
} from '@portcullis/domain'
import type { PeopleViews, ProblemFindings } from '@portcullis/views'
import { ENGINE_FACTS } from '../facts/engineFacts.ts'
import { approverThere } from './approverThere.ts'

export interface ApproverCare {
  readonly peopleViews: PeopleViews
  readonly clock: Clock
  readonly directory: Pick<Directory, 'people' | 'membersOf'>
  readonly handleMany: ReturnType<typeof createBulkHandler>
  readonly newId: () => string
  readonly problemFindings: ProblemFindings
}

const CARE = { kind: 'system', id: 'people' } as const

/**
 * Finds the requests that nobody can decide on, notes each in its stream, so that managers of the package are told, and
 * lists them as open problems; and notes those that somebody can decide on again.
 */
export const lookAfterApprovers = async (care: ApproverCare): Promise<void> => {
  const { peopleViews, clock, directory, handleMany, newId, problemFindings } = care
  const now = clock.now()
  const known = await peopleViews.findingsOf('no-approver')
  const waiting = await peopleViews.requestsToLookAt(now)
  const packages = new Map(waiting.map(({ requestId, packageId }) => [requestId, packageId]))
  const ids = [...new Set([...packages.keys(), ...known.keys()])]
  const located = ids.flatMap((requestId) => {
    const at = parseRequestId(requestId)
    return at === undefined ? [] : [{ requestId, packageId: at.packageId, at }]
  })
  const stages = new Map(waiting.map(({ requestId, stage }) => [requestId, stage]))
  const outcomes = await handleMany(
    [...Map.groupBy(located, ({ at }) => at.entitlementId)].map(([entitlementId, requests]) => ({
      stream: entitlementStream(entitlementId),
      decider: entitlementDecider,
      // One at most is open.
      commands: requests.map(({ requestId }) => ({
        command: {
          type: 'LookAtApprovers' as const,
          requestId,
          stage: stages.get(requestId) ?? 1,
        },
        envelope: { commandId: newId(), actor: CARE },
      })),
      facts: async (state: EntitlementState) => {
        for (const { requestId } of requests) {
          const there = await approverThere(directory, state, requestId, now)
          if (there !== undefined) return { ...ENGINE_FACTS, approverThere: there }
        }
        return ENGINE_FACTS
      },
    })),
  )
  const missing = outcomes.flatMap(({ after }) =>
    located.filter(({ requestId }) => {
      const request = findRequest(after.state, requestId)
      return request?.status === 'pendingApproval' && request.approverMissing
    }),
  )
  await problemFindings.replace(
    'no-approver',
    missing.map(({ requestId, packageId }) => ({
      key: requestId,
      since: known.get(requestId) ?? now,
      packageId,
      requestIds: [requestId],
      code: 'request.no-approver',
      message:
        'nobody is there who may decide on this request: have somebody added to the approvers’ group, or cancel the request and change the policy',
    })),
  )
}
