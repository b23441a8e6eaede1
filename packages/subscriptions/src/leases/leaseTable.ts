import { LOCK_SPACE, type Sql } from '@portcullis/postgres'
import type { Offers } from './balanceLeases.ts'

/** Keeps the locks that live runners hold apart from others. */
const SPACE = LOCK_SPACE.lease

/** Tells that a lease has become free. */
export const CHANNEL = 'portcullis_leases'

/** Proof of being alive that ends with the connection: the server drops it when the process dies. */
export const PROOF = `select pg_try_advisory_lock(${SPACE}, hashtext($1)) as locked`

/**
 * Is this runner alive? Its lease hasn't run out; and where it holds a lock as proof of being alive, the lock is there
 * still.
 * By the database's clock: the one clock that all processes share. Nobody's lease lasts an hour: one that does was made
 * while that clock was ahead, by somebody who isn't there to make it anew.
 */
const ALIVE = `(runner.expires_at > clock_timestamp() and runner.expires_at < clock_timestamp() + interval '1 hour' and (not runner.proven or exists (
  select from pg_locks where locktype = 'advisory' and granted and objsubid = 2 and classid = ${SPACE}::oid
    and objid = (hashtext(runner.id::text)::bigint & 4294967295)::oid
    and database = (select oid from pg_database where datname = current_database()))))`

export interface Me {
  /** UUID, new for each start. */
  readonly id: string
  /** For people: where it runs. */
  readonly label: string
  readonly offers: Offers
}

export interface LeaseRow {
  readonly name: string
  /** Its owner, when that one is alive. */
  readonly owner: string | undefined
  /** Grows with each owner. */
  readonly epoch: bigint
}

export interface LeaseView {
  readonly leases: ReadonlyMap<string, LeaseRow>
  /** Those alive, with what they offer. */
  readonly runners: ReadonlyMap<string, Offers>
}

/**
 * Says that this runner is alive for another `leaseMs` milliseconds.
 * @param proven it holds the lock of {@link PROOF}
 */
export const beat = async (sql: Sql, me: Me, leaseMs: number, proven: boolean): Promise<void> => {
  await sql.query(
    `insert into portcullis.subscription_runners (id, label, offers, proven, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond')
     on conflict (id) do update set offers = excluded.offers, proven = excluded.proven, expires_at = excluded.expires_at
     returning set_config('synchronous_commit', 'off', true)`,
    [me.id, me.label, JSON.stringify(Object.fromEntries(me.offers)), proven, leaseMs],
  )
}

/** Makes the leases of what is offered for the first time, and forgets runners that have long been gone. */
export const prepareLeases = async (sql: Sql, names: Iterable<string>): Promise<void> => {
  await sql.query(
    `insert into portcullis.subscription_leases (name) select unnest($1::text[]) on conflict (name) do nothing`,
    [[...names]],
  )
  await sql.query(
    `delete from portcullis.subscription_runners where expires_at < clock_timestamp() - interval '1 hour' or expires_at > clock_timestamp() + interval '1 hour'`,
  )
}

/** Who is alive and has what, of these subscriptions. */
export const readLeases = async (sql: Sql, names: Iterable<string>): Promise<LeaseView> => {
  const { rows: alive } = await sql.query<{ id: string; offers: { [name: string]: number } }>(
    `select id, offers from portcullis.subscription_runners as runner where ${ALIVE}`,
  )
  const { rows } = await sql.query<{ name: string; runner: string | null; epoch: string }>(
    'select name, runner, epoch from portcullis.subscription_leases where name = any($1)',
    [[...names]],
  )
  const runners = new Map(
    alive.map(({ id, offers }) => [id, new Map(Object.entries(offers))] as const),
  )
  const leases = rows.map(({ name, runner, epoch }): LeaseRow => {
    const owner = runner !== null && runners.has(runner) ? runner : undefined
    return { name, owner, epoch: BigInt(epoch) }
  })
  return { runners, leases: new Map(leases.map((lease) => [lease.name, lease])) }
}

/**
 * Takes free leases, each as it was seen: one that somebody else has taken since is left to them.
 * @returns those taken, with their epochs
 */
export const takeLeases = async (
  sql: Sql,
  id: string,
  seen: readonly LeaseRow[],
): Promise<ReadonlyMap<string, bigint>> => {
  const { rows } = await sql.query<{ name: string; epoch: string }>(
    `update portcullis.subscription_leases as lease
     set runner = $1, epoch = lease.epoch + 1, since = clock_timestamp()
     from unnest($2::text[], $3::bigint[]) as seen (name, epoch)
     where lease.name = seen.name and lease.epoch = seen.epoch and not exists (
       select from portcullis.subscription_runners as runner
       where runner.id = lease.runner and runner.id <> $1 and ${ALIVE})
     returning lease.name, lease.epoch`,
    [id, seen.map(({ name }) => name), seen.map(({ epoch }) => epoch.toString())],
  )
  return new Map(rows.map(({ name, epoch }) => [name, BigInt(epoch)]))
}

/** Gives leases up, and tells the others. */
export const releaseLeases = async (
  sql: Sql,
  id: string,
  leases: readonly Pick<LeaseRow, 'name'>[],
): Promise<void> => {
  await sql.query(
    `update portcullis.subscription_leases set runner = null, since = null where runner = $1 and name = any($2)`,
    [id, leases.map(({ name }) => name)],
  )
  await sql.query(`select pg_notify('${CHANNEL}', '')`)
}

/** The runner is over: what it had is free at once. */
export const leave = async (sql: Sql, id: string): Promise<void> => {
  await sql.query('delete from portcullis.subscription_runners where id = $1', [id])
  await sql.query(
    'update portcullis.subscription_leases set runner = null, since = null where runner = $1',
    [id],
  )
  await sql.query(`select pg_notify('${CHANNEL}', '')`)
}

/** Who runs a subscription, and since when (instant). */
export interface Ownership {
  readonly owner: string
  readonly since: string
}

/** The owners that are alive, by subscription. */
export const readOwners = async (
  sql: Sql,
  names: readonly string[],
): Promise<ReadonlyMap<string, Ownership>> => {
  const { rows } = await sql.query<{ name: string; owner: string; since: Date }>(
    `select lease.name, runner.label as owner, lease.since from portcullis.subscription_leases as lease
     join portcullis.subscription_runners as runner on runner.id = lease.runner
     where lease.name = any($1) and ${ALIVE}`,
    [names],
  )
  return new Map(
    rows.map(({ name, owner, since }) => [name, { owner, since: since.toISOString() }]),
  )
}
