import type { DomainEvent, RecordedEvent } from './events.ts'

/**
 * Turns events into rows. Can be thrown away and filled again: it is handed a transaction and nothing else, no mail,
 * connector or queue (promise 8).
 * `name` and `version` are its identity; a change of `handles` or of the rows' shape takes a new version.
 */
export interface Projector<Tx, E extends DomainEvent = DomainEvent> {
  readonly name: string
  readonly version: number
  /** Stored event names that it wants. */
  readonly handles: readonly E['type'][]
  /** Creates the tables of this version, when they aren't there. Tables carry the version in their names. */
  migrate(tx: Tx): Promise<void>
  /** Points the plain-named SQL views at this version's tables. */
  publish(tx: Tx): Promise<void>
  /** Drops this version's tables. */
  drop(tx: Tx): Promise<void>
  /**
   * Rows for a batch, in `$all` order, in few set-based statements. Runs in the transaction that stores the checkpoint.
   */
  apply(events: readonly RecordedEvent<E>[], tx: Tx): Promise<void>
}
