import type { Actor, DomainEvent, NewEvent, Position, Revision } from './events.ts'
import type { Refusal } from './refusals.ts'

/** Who sends a command, under which id, and what it follows from. */
export interface CommandEnvelope {
  /** Chosen by the sender; sent twice, the thing happens once and the answer is the same (promise 6). */
  readonly commandId: string
  readonly actor: Actor
  readonly correlationId?: string
  readonly causationId?: string
}

export type CommandOutcome<State, E extends DomainEvent> =
  | {
      readonly ok: true
      /** What this command added to the stream; empty when its goal was already reached. */
      readonly events: readonly NewEvent<E>[]
      /** The stream's state right after those events: for a repeat, as it was then, not as it is now. */
      readonly state: State
      /** Position in `$all` that a view must reach to show this command's effect. */
      readonly position: Position
      /** Revision of the stream's last event in `state`; undefined when the stream is empty. */
      readonly revision: Revision | undefined
      /** True when the command had been decided before. */
      readonly repeated: boolean
    }
  | { readonly ok: false; readonly refusal: Refusal }

/** Most times that a command is decided again after somebody else appended first. */
export const MAX_ATTEMPTS = 20

/** More writers than a stream can bear; nothing was written, the command may be sent again. */
export class TooManyConflicts extends Error {
  readonly code = 'command.too-many-conflicts'
  constructor(stream: string) {
    super(`gave up after ${MAX_ATTEMPTS} revision conflicts on ${stream}; send the command again`)
    this.name = 'TooManyConflicts'
  }
}
