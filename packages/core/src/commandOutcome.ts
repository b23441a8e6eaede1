import type {
  Actor,
  DomainEvent,
  NewEvent,
  Position,
  Revision,
  SessionAuthentication,
} from './events.ts'
import type { Refusal } from './refusals.ts'

interface Sending {
  /**
   * The sender's key, whatever it is: the same actor's same key is the same command; another's is another (promise 6).
   * What is stored is derived from both (`storedCommandId`).
   */
  readonly commandId: string
  readonly correlationId?: string
  readonly causationId?: string
}

/** The engine's own command: a timer's, a reconcile job's, what a target reports. */
export interface EngineEnvelope extends Sending {
  readonly actor: Extract<Actor, { readonly kind: 'system' }>
  /** Its key says all of what it asks for, or is made anew each time: nobody compares. */
  readonly digest?: never
  readonly authentication?: never
  readonly step?: never
}

/** A command of a person or a service. */
export interface OutsideCommandEnvelope extends Sending {
  readonly actor: Exclude<Actor, { readonly kind: 'system' }>
  /** Of somebody who signed in; kept with what they did, and no part of what they asked for. */
  readonly authentication?: SessionAuthentication
  /** `digestOf` what was asked for: under the same key nothing else may be asked. */
  readonly digest: string
  /** Of a command that is carried out by several, in streams of their own: which of them this is. */
  readonly step?: readonly string[]
}

/** Who sends a command, under which key, and what it follows from. */
export type CommandEnvelope = EngineEnvelope | OutsideCommandEnvelope

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
