import type { Decider } from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import { decideApproval, timeOutApproval } from './entitlement.approval.ts'
import {
  expireAssignment,
  remindOfEnd,
  removeAssignment,
  startAssignment,
} from './entitlement.assignment.ts'
import { cancelRequest } from './entitlement.cancel.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import { assignDirectly } from './entitlement.direct.ts'
import { evolveEntitlement } from './entitlement.evolve.ts'
import { requestExtension } from './entitlement.extension.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { recordFulfilment } from './entitlement.fulfilment.ts'
import { lookAtApprovers, lookAtSubject } from './entitlement.leaving.ts'
import { submitRequest } from './entitlement.request.ts'
import type { Answer } from './entitlement.rules.ts'
import { type EntitlementState, initialEntitlement } from './entitlement.state.ts'
import { endWithPackage } from './entitlement.withPackage.ts'

/**
 * One subject and one package: all races between request, approval, extension, cancellation and expiry meet here and
 * are settled by the stream's revision.
 */
export const entitlementDecider: Decider<
  EntitlementState,
  EntitlementCommand,
  EntitlementEvent,
  EntitlementFacts
> = {
  initialState: initialEntitlement,
  evolve: evolveEntitlement,
  decide: (command, state, context, facts): Answer => {
    switch (command.type) {
      case 'SubmitRequest':
        return submitRequest(command, state, context, facts)
      case 'AssignDirectly':
        return assignDirectly(command, state, context, facts)
      case 'RequestExtension':
        return requestExtension(command, state, context, facts)
      case 'DecideApproval':
        return decideApproval(command, state, context, facts)
      case 'CancelRequest':
        return cancelRequest(command, state, context, facts)
      case 'RemoveAssignment':
        return removeAssignment(command, state, context, facts)
      default:
    }
    const refusal = unlessPermitted(command.type, context.actor, facts.actor)
    if (refusal !== undefined) return refusal
    switch (command.type) {
      case 'TimeOutApproval':
        return timeOutApproval(command, state, context)
      case 'StartAssignment':
        return startAssignment(command, state, context, facts)
      case 'RemindOfEnd':
        return remindOfEnd(command, state, context)
      case 'ExpireAssignment':
        return expireAssignment(command, state, context)
      case 'RecordFulfilment':
        return recordFulfilment(command, state)
      case 'LookAtSubject':
        return lookAtSubject(command, state, context, facts)
      case 'LookAtApprovers':
        return lookAtApprovers(command, state, facts)
      case 'EndWithPackage':
        return endWithPackage(state, facts)
      default:
        return command satisfies never
    }
  },
}
