import {
  type CommandEnvelope,
  type createCommandHandler,
  deriveId,
  type Instant,
  type Refusal,
} from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { Caller, CommandAnswer } from '../application.ts'
import type { States } from './facts.ts'

/** What each group of commands works with. */
export interface CommandTools {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly states: States
  readonly directory: Directory
  readonly now: () => Instant
}

export interface OutsideEnvelope {
  readonly commandId: string
  readonly correlationId?: string
  readonly caller: Caller
}

export const envelopeOf = (outside: OutsideEnvelope): CommandEnvelope => ({
  commandId: outside.commandId,
  actor: outside.caller.actor,
  ...(outside.correlationId === undefined ? {} : { correlationId: outside.correlationId }),
})

/** The id of a command that follows from another one, in another stream: same outer command, same id. */
export const followingCommandId = (commandId: string, ...step: readonly string[]): string =>
  deriveId('follows', commandId, ...step)

export const refused = (refusal: Refusal): CommandAnswer => ({ ok: false, refusal })
