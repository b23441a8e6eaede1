import type {
  createCommandHandler,
  EventStore,
  Instant,
  OutsideCommandEnvelope,
  Refusal,
} from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { DriftRecords } from '@portcullis/provisioning'
import type { Projections, Views } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import type { States } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import type { BegunCommand } from './commandKeys.ts'

/** What each group of commands works with. */
export interface CommandTools {
  readonly store: EventStore
  /**
   * For what is counted before something is deleted (S24), or paused; all other facts come from the log and the
   * directory.
   */
  readonly views: Pick<Views, 'counts' | 'rollOut' | 'failedGrants'>
  readonly projections: Pick<Projections, 'waitForView'>
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly states: States
  readonly directory: Directory
  readonly driftRecords: DriftRecords
  /** How many people who left have an assignment, active or to come. */
  readonly leaversWithAccess: () => Promise<number>
  readonly now: () => Instant
}

/** What a command from outside comes with. */
export interface OutsideEnvelope {
  /** The sender's own name for it: what is stored is derived from who they are, too. */
  readonly commandId: string
  readonly correlationId?: string
  readonly caller: Caller
}

/** A command from outside on its way. */
export interface Outside extends OutsideEnvelope, Pick<BegunCommand, 'admit'> {
  /** Of all that was asked for. */
  readonly digest: string
}

export const envelopeOf = (outside: Outside): OutsideCommandEnvelope => ({
  commandId: outside.commandId,
  actor: outside.caller.actor,
  ...(outside.caller.authentication === undefined
    ? {}
    : { authentication: outside.caller.authentication }),
  digest: outside.digest,
  ...(outside.correlationId === undefined ? {} : { correlationId: outside.correlationId }),
})

/**
 * Of a command that is a step of the one from outside, in a stream of its own. All of them carry the whole command's
 * key as correlation id, unless there is another.
 */
export const envelopeOfStep = (
  outside: Outside,
  ...step: readonly string[]
): OutsideCommandEnvelope => ({ correlationId: outside.commandId, ...envelopeOf(outside), step })

export const refused = (refusal: Refusal): CommandAnswer => ({ ok: false, refusal })
