import type { DecisionContext } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import {
  type EntitlementCommand,
  type EntitlementFacts,
  type EntitlementState,
  entitlementDecider,
  findRequest,
  openStage,
} from '@portcullis/domain'
import { ENGINE_FACTS } from '../facts/engineFacts.ts'
import { approverThere } from '../people/approverThere.ts'

/** Notes what a sweep would find of approvers a minute later. */
const CARE = { kind: 'system', id: 'people' } as const

type Sent = readonly [EntitlementCommand, EntitlementState, DecisionContext, EntitlementFacts]

/** What a command would leave; undefined where it is refused. */
const stateAfter = (...sent: Sent): EntitlementState | undefined => {
  const decision = entitlementDecider.decide(...sent)
  return decision.ok ? decision.events.reduce(entitlementDecider.evolve, sent[1]) : undefined
}

const waiting = ({ requests }: EntitlementState) => requests.find((each) => openStage(each))

/** The facts of a command, and whether anybody is there who may decide on what it leaves waiting. */
export const withApproversThere = async (
  directory: Pick<Directory, 'people' | 'membersOf'>,
  ...sent: Sent
): Promise<EntitlementFacts> => {
  const [, , { now }, facts] = sent
  const after = stateAfter(...sent)
  const request = after && waiting(after)
  if (after === undefined || request === undefined) return facts
  const there = await approverThere(directory, after, request.requestId, now)
  return there === undefined ? facts : { ...facts, approverThere: there }
}

/**
 * The entitlement's rules, which note in the same append that nobody can decide on what a command leaves waiting: so
 * the same command again has the same answer (promise 6), and managers are told at once.
 */
export const entitlementWithApprovers: typeof entitlementDecider = {
  ...entitlementDecider,
  decide: (command, state, context, facts) => {
    const decision = entitlementDecider.decide(command, state, context, facts)
    if (!decision.ok || facts.approverThere !== false) return decision
    const after = decision.events.reduce(entitlementDecider.evolve, state)
    const request = waiting(after)
    const stage = request && openStage(request)?.number
    if (request === undefined || stage === undefined) return decision
    const noted = entitlementDecider.decide(
      { type: 'LookAtApprovers', requestId: request.requestId, stage },
      after,
      { now: context.now, actor: CARE },
      { ...ENGINE_FACTS, approverThere: false },
    )
    return noted.ok ? { ok: true, events: [...decision.events, ...noted.events] } : decision
  },
}

/** Is it known that nobody can decide on the request? */
export const nobodyDecides = (state: EntitlementState, requestId: string | undefined): boolean => {
  const request = requestId === undefined ? undefined : findRequest(state, requestId)
  return request?.approverMissing === true && openStage(request) !== undefined
}
