import { type Clock, formatPosition, type Position } from '@portcullis/core'
import { inTransaction, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import { keepTransactionAlive } from './keepTransactionAlive.ts'

export type SubscriptionState = 'running' | 'paused'

/** How far one subscription has come. */
export interface Checkpoint {
  readonly name: string
  /** Everything up to and including it has been handled. */
  readonly position: Position
  readonly state: SubscriptionState
  /** Why it is paused; null while it runs. */
  readonly error: string | null
  /** The event that can't be handled; null while it runs. */
  readonly errorPosition: Position | null
  readonly updatedAt: string
}

/** Another owner has this subscription; what this one had done since its last batch was rolled back. */
export class CheckpointLost extends Error {
  readonly code = 'subscription.checkpoint-lost'
  constructor(name: string, epoch: bigint, position?: Position) {
    const at = position === undefined ? '' : ` at position ${position}`
    super(`subscription ${name} is not its owner ${epoch}'s${at} any more: somebody else runs it`)
    this.name = 'CheckpointLost'
  }
}

interface CheckpointRow {
  readonly name: string
  readonly position: string
  readonly state: SubscriptionState
  readonly error: string | null
  readonly error_position: string | null
  readonly updated_at: string
}

const COLUMNS = 'name, position, state, error, error_position, updated_at'

const toCheckpoint = (row: CheckpointRow): Checkpoint => ({
  name: row.name,
  position: BigInt(row.position),
  state: row.state,
  error: row.error,
  errorPosition: row.error_position === null ? null : BigInt(row.error_position),
  updatedAt: row.updated_at,
})

/**
 * Checkpoints of the asked subscriptions (of all when no names are given), by name; those that never ran are missing.
 */
export const readCheckpoints = async (
  sql: Sql,
  names?: readonly string[],
): Promise<ReadonlyMap<string, Checkpoint>> => {
  const { rows } = await sql.query<CheckpointRow>(
    `select ${COLUMNS} from portcullis.subscription_checkpoints
     where $1::text[] is null or name = any($1) order by name`,
    [names ?? null],
  )
  return new Map(rows.map((row) => [row.name, toCheckpoint(row)]))
}

/** Makes a checkpoint at `start()`, unless there is one. */
export const createCheckpoint = async (
  pool: pg.Pool,
  name: string,
  start: () => Promise<Position>,
  clock: Clock,
): Promise<void> => {
  if ((await readCheckpoints(pool, [name])).has(name)) return
  await pool.query(
    `insert into portcullis.subscription_checkpoints (name, position, state, updated_at)
     values ($1, $2, 'running', $3) on conflict (name) do nothing`,
    [name, formatPosition(await start()), clock.now()],
  )
}

/**
 * Makes the checkpoint this owner's: from here on nothing of an earlier one is committed, what is under way there is
 * waited for. Ends a pause.
 * @param epoch of the owner's lease
 * @returns undefined when there is no checkpoint
 * @throws CheckpointLost when a later owner has it; what the database throws: a failed read is never taken for "no
 *   checkpoint"
 */
export const claimCheckpoint = async (
  pool: pg.Pool,
  name: string,
  epoch: bigint,
): Promise<Position | undefined> => {
  const { rows } = await pool.query<{ position: string }>(
    `update portcullis.subscription_checkpoints
     set epoch = $2, state = 'running', error = null, error_position = null
     where name = $1 and epoch <= $2 returning position`,
    [name, epoch.toString()],
  )
  if (rows[0] !== undefined) return BigInt(rows[0].position)
  if ((await readCheckpoints(pool, [name])).has(name)) throw new CheckpointLost(name, epoch)
  return undefined
}

export interface Move {
  readonly name: string
  /** Of the owner's lease. */
  readonly epoch: bigint
  readonly from: Position
  readonly to: Position
}

/**
 * An owner that freezes in the middle of a batch keeps others from the checkpoint for so long; then the server rolls it
 * back.
 */
const FROZEN_MILLIS = 6_000

const MOVE = `update portcullis.subscription_checkpoints set position = $3, updated_at = $4
  where name = $1 and position = $2 and epoch = $5
  returning set_config('synchronous_commit', 'off', true),
    set_config('idle_in_transaction_session_timeout', '${FROZEN_MILLIS}', true)`

const move = async (sql: Sql, { name, epoch, from, to }: Move, clock: Clock): Promise<void> => {
  const moved = await sql.query(MOVE, [
    name,
    formatPosition(from),
    formatPosition(to),
    clock.now(),
    epoch.toString(),
  ])
  if (moved.rowCount !== 1) throw new CheckpointLost(name, epoch, from)
}

/**
 * Runs `work` and moves the checkpoint in one transaction. The checkpoint goes first: its row lock keeps a later owner
 * out until the end, and an owner that isn't it any more fails before any work is done.
 * The commit isn't waited to reach the disk: after a crash rows and checkpoint are back at the same older position and
 * the log fills them again; any later durable commit of the server makes this one durable too.
 * `work` may take its time with other things than the database, up to a minute.
 * @throws CheckpointLost when a later owner has the checkpoint, or it isn't at `from`; nothing was done then
 */
export const advance = (
  pool: pg.Pool,
  step: Move,
  clock: Clock,
  work: (tx: Sql) => Promise<void>,
): Promise<void> =>
  inTransaction(pool, async (tx) => {
    await move(tx, step, clock)
    await keepTransactionAlive(
      () => tx.query('select 1'),
      FROZEN_MILLIS,
      () => work(tx),
    )
  })

/** Moves the checkpoint where there is nothing to do: one statement. @throws CheckpointLost */
export const advancePast = (pool: pg.Pool, step: Move, clock: Clock): Promise<void> =>
  move(pool, step, clock)

/**
 * Records why a subscription is paused. It stays so until {@link resumeSubscription} or the next owner.
 * @throws CheckpointLost
 */
export const pauseCheckpoint = async (
  pool: pg.Pool,
  name: string,
  at: { readonly epoch: bigint; readonly position: Position; readonly error: string },
  clock: Clock,
): Promise<void> => {
  const paused = await pool.query(
    `update portcullis.subscription_checkpoints
     set state = 'paused', error = $2, error_position = $3, updated_at = $4 where name = $1 and epoch = $5`,
    [name, at.error, formatPosition(at.position), clock.now(), at.epoch.toString()],
  )
  if (paused.rowCount !== 1) throw new CheckpointLost(name, at.epoch)
}

/**
 * Lets a paused subscription try its event again; the process that runs it notices within a second.
 * @returns false when there is no such subscription, or it isn't paused
 */
export const resumeSubscription = async (pool: pg.Pool, name: string): Promise<boolean> => {
  const resumed = await pool.query(
    `update portcullis.subscription_checkpoints
     set state = 'running', error = null, error_position = null where name = $1 and state = 'paused'`,
    [name],
  )
  return resumed.rowCount === 1
}
