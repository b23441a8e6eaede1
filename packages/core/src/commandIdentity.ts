import type { CommandEnvelope } from './commandOutcome.ts'
import type { Actor, EventMetadata } from './events.ts'
import { deriveId } from './ids.ts'
import { canonicalJson } from './json.ts'
import { type Refusal, refuse } from './refusals.ts'

/** Where a command comes from: the engine's own have `system` actors, which no token can name. */
export type Origin = 'outside' | 'engine'

export const originOf = (actor: Actor): Origin => (actor.kind === 'system' ? 'engine' : 'outside')

/**
 * S26, A1: the id that a command is stored under. Origin, actor and key are parts of their own of what is hashed,
 * so that no key which somebody chooses can make the id of the engine's command, or of another person's.
 */
export const storedCommandId = (actor: Actor, key: string, step: readonly string[] = []): string =>
  deriveId('command', originOf(actor), actor.kind, actor.id, key, ...step)

/**
 * A digest of what a command asks for, whatever the order of its properties: a uuid v5, so 122 bits of SHA-1. It keeps
 * a sender from mistakes, not from themselves: the one who made two commands of one digest would get the answer of
 * their own first one for their own second one, and nothing else.
 * @param command all that was asked for, nothing that was made up on the way: it must be the same when it is sent again
 */
export const digestOf = (command: object): string => deriveId('content', canonicalJson(command))

/** What an event must carry to be of a command. */
export interface CommandIdentity {
  readonly id: string
  /** Of the command that it is a step of. */
  readonly outerId: string | undefined
  readonly digest: string | undefined
  readonly actor: Actor
  /** How it was stored when keys were stored as they came. */
  readonly formerId: string
}

export const identityOf = ({
  commandId,
  actor,
  digest,
  step,
}: CommandEnvelope): CommandIdentity => ({
  id: storedCommandId(actor, commandId, step),
  outerId: step === undefined ? undefined : storedCommandId(actor, commandId),
  digest,
  actor,
  formerId: step === undefined ? commandId : deriveId('follows', commandId, ...step),
})

/**
 * Is an event of this command? A key stands for one content, also where one of the two is a step of what the other is.
 * An event from before ids were derived has the key itself, says nothing of the content, and counts only when the same
 * actor sent it.
 * @returns `reused`: the same sender's same key, but for something else
 */
export const sameCommand = (
  { id, outerId, digest, actor, formerId }: CommandIdentity,
  metadata: EventMetadata,
): 'same' | 'reused' | undefined => {
  if ((metadata.outerId ?? metadata.commandId) === (outerId ?? id)) {
    if (metadata.digest !== digest) return 'reused'
    return metadata.commandId === id ? 'same' : undefined
  }
  return metadata.commandId === formerId &&
    metadata.digest === undefined &&
    metadata.actor.kind === actor.kind &&
    metadata.actor.id === actor.id
    ? 'same'
    : undefined
}

/** The answer to a key that was used for something else. */
export const keyReused = (key: string): Refusal =>
  refuse(
    'not-allowed',
    'command.key-reused',
    `the command id ${key} (header Idempotency-Key) stands for another command of yours, or for the same one with other content; nothing was done: send this one under a new id`,
    { commandId: key },
  ).refusal
