import { LEAVERS_STREAM, type LeaversCommand, leaversDecider } from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { type CommandTools, envelopeOf, type Outside, refused } from './tools.ts'

/**
 * Notes by whose order the access of many may end who have left; a sweep ends what is due. The answer says how many
 * people it is about; 0: nobody has anything, and nothing was noted.
 */
export const executeLeaversCommand = async (
  tools: CommandTools,
  command: LeaversCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const outcome = await tools.handle({
    stream: LEAVERS_STREAM,
    decider: leaversDecider,
    command,
    envelope: envelopeOf(outside),
    admit: outside.admit,
    facts: async () => ({
      actor: await actorFactsOf(tools, outside.caller, ''),
      people: await tools.leaversWithAccess(),
    }),
  })
  if (!outcome.ok) return refused(outcome.refusal)
  const [event] = outcome.events
  return {
    ok: true,
    commandId: outside.commandId,
    position: outcome.position,
    repeated: outcome.repeated,
    result: { people: event?.type === 'LeaverEndingsReleased.v1' ? event.data.people : 0 },
  }
}
