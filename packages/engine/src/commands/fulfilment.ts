import { deriveId, refuse, type SentCommand } from '@portcullis/core'
import {
  effectOf,
  type GrantState,
  grantDecider,
  grantStream,
  parseFulfilmentId,
  parseGrantId,
  type ReportFulfilment,
  unlessPermitted,
} from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { type CommandTools, envelopeOf, type Outside, refused } from './tools.ts'

/** How an operation on a target went that somebody carried out by hand: `<grantId>.<operationId>`. */
export interface FulfilmentReport extends Pick<ReportFulfilment, 'outcome' | 'message'> {
  readonly fulfilmentId: string
}

/** An administrator says it. */
export interface FulfilmentCommand extends FulfilmentReport {
  readonly type: 'ReportFulfilment'
}

type Tools = Pick<CommandTools, 'handle' | 'states' | 'directory'>

export const executeFulfilment = async (
  tools: Tools,
  command: FulfilmentCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const actor = await actorFactsOf(tools, outside.caller, '')
  const refusal = unlessPermitted(command.type, outside.caller.actor, actor)
  return refusal ?? report(tools, command, { envelope: envelopeOf(outside), admit: outside.admit })
}

/** See Application.receiveCallback. The command's id comes from what is said: said twice, it is the same. */
export const receiveCallback = (
  tools: Tools,
  said: FulfilmentReport,
  connector: string,
  correlationId: string | undefined,
): Promise<CommandAnswer> =>
  report(tools, said, {
    envelope: {
      commandId: deriveId('callback', said.fulfilmentId, said.outcome),
      actor: { kind: 'system', id: `connector-${connector}` },
      ...(correlationId === undefined ? {} : { correlationId }),
    },
  })

/** See Application.connectorOf. */
export const connectorOf = async (
  { directory }: Pick<Tools, 'directory'>,
  fulfilmentId: string,
): Promise<string | undefined> => {
  const resourceId = parseGrantId(parseFulfilmentId(fulfilmentId)?.grantId ?? '')?.resourceId
  if (resourceId === undefined) return undefined
  return (await directory.resources([resourceId])).get(resourceId)?.connector
}

const report = async (
  { handle }: Tools,
  { fulfilmentId, outcome, message }: FulfilmentReport,
  sent: Pick<SentCommand<unknown>, 'envelope' | 'admit'>,
): Promise<CommandAnswer> => {
  const { grantId = '', operationId = '' } = parseFulfilmentId(fulfilmentId) ?? {}
  const ids = parseGrantId(grantId)
  if (ids === undefined)
    return refused(
      refuse(
        'not-found',
        'fulfilment.not-found',
        `there is no operation ${fulfilmentId}; take the id from the message or from the list of what is awaited`,
      ).refusal,
    )
  const answer = await handle({
    stream: grantStream(grantId),
    decider: grantDecider,
    command: { type: 'ReportFulfilment', operationId, outcome, message },
    ...sent,
    facts: () => ids,
  })
  if (!answer.ok) return answer
  return {
    ok: true,
    commandId: sent.envelope.commandId,
    position: answer.position,
    repeated: answer.repeated,
    result: { status: statusOf(answer.state, operationId) },
  }
}

/** `Overtaken`: it was noted, but something else counts now, which is put right again. */
const statusOf = ({ ended, actual }: GrantState, operationId: string): string => {
  const operation = ended.find((each) => each.operationId === operationId)
  if (operation === undefined || operation.reported === 'refused') return 'Refused'
  if (operation.end !== 'done' && actual !== effectOf(operation.operation)) return 'Overtaken'
  return operation.operation === 'grant' ? 'Provisioned' : 'Revoked'
}
