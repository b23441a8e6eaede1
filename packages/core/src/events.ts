import type { Instant } from './instant.ts'

/** Who sends a command. `system` is a timer or a reconcile job of the engine itself. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'service'; readonly id: string }
  | { readonly kind: 'system'; readonly id: string }

/**
 * How an actor is named where people, services and the engine may stand: a person by their id, the others as
 * `service:<id>` and `system:<id>`.
 * No id of a person holds a colon, so a service can't pass for a person of the same id.
 */
export const actorKey = (actor: Actor): string =>
  actor.kind === 'user' ? actor.id : `${actor.kind}:${actor.id}`

/** How a person who signed in was authenticated, as their issuer told. */
export interface SessionAuthentication {
  readonly kind: 'session'
  readonly issuer: string
  /** When they proved who they are; null: the issuer didn't say. */
  readonly authTime: Instant | null
  /** How strongly, in the issuer's words; null: it didn't say. */
  readonly acr: string | null
}

/**
 * A domain event before it has a place in a stream. `type` is the stored name and carries its version:
 * `RequestSubmitted.v1`.
 */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type
  readonly data: Data
}

export interface EventMetadata {
  /**
   * The command that caused the event; the command handler finds a repeated command by it. Derived from who sent it and
   * under which key, see `commandIdentity.ts`.
   */
  readonly commandId: string
  /** Of a command that is a step of another one, in a stream of its own: the other's id. */
  readonly outerId?: string
  /**
   * What a command from outside asked for (`digestOf`); absent for the engine's own, and in logs from before it was
   * kept.
   */
  readonly digest?: string
  /** Shared by everything that follows from one outside command. */
  readonly correlationId: string
  /** The event or job that caused the command, where there is one. */
  readonly causationId?: string
  readonly actor: Actor
  /** How the actor was authenticated, where a person had signed in; absent otherwise, and in logs from before. */
  readonly authentication?: SessionAuthentication
  /** When it was decided, by the injected clock. */
  readonly at: Instant
  /** The span that appended it, as W3C Trace Context writes it; absent where nothing was traced. */
  readonly traceparent?: string
}

/**
 * An event ready to be appended. `id` is a uuid v5 (`eventId`), so that a store can recognise an append that it is
 * given twice.
 */
export type NewEvent<E extends DomainEvent = DomainEvent> = E & {
  readonly id: string
  readonly metadata: EventMetadata
}

/** Place in `$all`: starts at 1, grows by exactly 1 in the PostgreSQL and memory stores; only its order is promised. */
export type Position = bigint
/** Place in a stream: the first event is 0. */
export type Revision = bigint

/** Before the first event of `$all`. */
export const START: Position = 0n

export type RecordedEvent<E extends DomainEvent = DomainEvent> = NewEvent<E> & {
  readonly stream: string
  readonly revision: Revision
  readonly position: Position
}

/** `$all` positions as they leave the process (JSON, headers, SQL text): decimal digits. */
export const formatPosition = (position: Position): string => position.toString()

/**
 * Reads a position written by {@link formatPosition}.
 * @returns the position, or undefined when the text isn't 1 to 19 decimal digits
 */
export const parsePosition = (text: string): Position | undefined =>
  /^\d{1,19}$/.test(text) ? BigInt(text) : undefined
