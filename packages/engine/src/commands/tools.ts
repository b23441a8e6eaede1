import {
  type CommandEnvelope,
  type createCommandHandler,
  deriveId,
  type EventStore,
  type Instant,
  type Refusal,
} from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { Projections, Views } from '@portcullis/views'
import type { CommandAnswer } from '../application.ts'
import type { Caller } from '../caller.ts'
import type { DriftRecords } from '../drift/driftRecords.ts'
import type { States } from './facts.ts'

/** What each group of commands works with. */
export interface CommandTools {
  readonly store: EventStore
  /** For what is counted before something is deleted (S24), or paused; all other facts come from the log and the directory. */
  readonly views: Pick<Views, 'counts' | 'rollOut' | 'failedGrants'>
  readonly projections: Pick<Projections, 'waitForView'>
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly states: States
  readonly directory: Directory
  readonly driftRecords: DriftRecords
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
