import { type createCommandHandler, digestOf, type Refusal, refuse } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { personOf } from '../facts/states.ts'
import type { CommandKeys } from './commandKeys.ts'
import type { CommandTools, Outside, OutsideEnvelope } from './tools.ts'

type Handle = ReturnType<typeof createCommandHandler>
type Refused = { readonly ok: false; readonly refusal: Refusal }

interface Answer {
  readonly ok: true
  /** Whether, or of how many, it is the answer of an earlier time. */
  readonly repeated: boolean | number
}

/**
 * Carries out a command that somebody outside sent, unless its key stands for something else.
 * A repeat is answered as before, whatever roles its sender has lost since: it tells them what they were told. Only
 * somebody who is disabled or gone by now learns nothing.
 */
export const createOutsideWay =
  (tools: CommandTools, keys: CommandKeys) =>
  async <A extends Answer>(
    command: { readonly type: string },
    envelope: OutsideEnvelope,
    carryOut: (tools: CommandTools, outside: Outside) => Promise<A | Refused>,
  ): Promise<A | Refused> => {
    const digest = digestOf(command)
    const begun = keys.begin(envelope.caller.actor, envelope.commandId, digest)
    if (begun.refusal !== undefined)
      return unlessGone<A>(tools.directory, envelope, { ok: false, refusal: begun.refusal })
    // Until it is known that nothing came of it.
    let leftSomething = true
    try {
      const noting = noteEvents(tools.handle)
      const answer = await carryOut(
        { ...tools, handle: noting.handle },
        { ...envelope, digest, admit: begun.admit },
      )
      leftSomething = noting.hasSeen() || (answer.ok && command.type === 'StartDriftScan')
      return await unlessGone(tools.directory, envelope, answer)
    } finally {
      begun.end(leftSomething)
    }
  }

const noteEvents = (handle: Handle) => {
  let seen = false
  const noting: Handle = async (options) => {
    const outcome = await handle(options)
    seen ||= outcome.ok && outcome.events.length > 0
    return outcome
  }
  return { handle: noting, hasSeen: () => seen }
}

const unlessGone = async <A extends Answer>(
  directory: Directory,
  { caller }: OutsideEnvelope,
  answer: A | Refused,
): Promise<A | Refused> => {
  const tellsOfBefore = answer.ok
    ? answer.repeated !== false && answer.repeated !== 0
    : answer.refusal.code === 'command.key-reused'
  if (!tellsOfBefore || caller.actor.kind !== 'user') return answer
  const person = await personOf(directory, caller.actor)
  return person?.enabled === true
    ? answer
    : refuse(
        'forbidden',
        'actor.unknown',
        'the directory knows no enabled person with the id of the sender; import them, or enable them',
      )
}
