import { addMillis, createCommandHandler, deriveId } from '@portcullis/core'
import {
  fulfilmentId,
  type GrantCommand,
  grantDecider,
  grantId,
  grantStream,
} from '@portcullis/domain'
import { systemClock } from '@portcullis/runtime'
import type { RealEngine } from './realEngine.ts'

const ENGINE = { kind: 'system', id: 'provisioning' } as const

/**
 * Does what a worker would have done: orders access for somebody from a target that has it carried out by hand.
 * @returns the fulfilment's id
 */
export const awaitFulfilment = async (
  { runtime }: Pick<RealEngine, 'runtime'>,
  facts: { readonly resourceId: string; readonly roleId: string; readonly subjectId: string },
  operationId: string,
): Promise<string> => {
  const handle = createCommandHandler({ store: runtime.store, clock: systemClock })
  const id = grantId(facts.resourceId, facts.roleId, facts.subjectId)
  const commands: readonly GrantCommand[] = [
    { type: 'AddHold', assignmentId: `by-hand.${facts.subjectId}.a1` },
    {
      type: 'StartOperation',
      operationId,
      observed: 'unknown',
      lookedAt: 0,
      leaseMillis: 60_000,
    },
    { type: 'AwaitFulfilment', operationId, until: addMillis(systemClock.now(), 86_400_000) },
  ]
  for (const command of commands) {
    const outcome = await handle({
      stream: grantStream(id),
      decider: grantDecider,
      command,
      envelope: { commandId: deriveId(operationId, command.type), actor: ENGINE },
      facts: () => facts,
    })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
  }
  return fulfilmentId(id, operationId)
}
