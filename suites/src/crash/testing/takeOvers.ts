import { hostname } from 'node:os'
import type { Runtime } from '@portcullis/runtime'
import type { CrashRun } from './crashRun.ts'

/** How long a projection or reactor was without an owner after the process that ran it was killed. */
export interface TakeOver {
  readonly subscription: string
  readonly millis: number
}

/** Keeps every change of an owner, so that none is missed between two looks. Call it before the first kill. */
export const keepLeases = async ({ pool }: Runtime): Promise<void> => {
  await pool.query(`
create schema crash;
create table crash.leases (id bigint generated always as identity, name text not null, runner uuid, label text, at timestamptz not null);
create function crash.keep() returns trigger language plpgsql as $$
begin
  insert into crash.leases (name, runner, label, at)
    values (new.name, new.runner, (select label from portcullis.subscription_runners where id = new.runner), clock_timestamp());
  return null;
end $$;
insert into crash.leases (name, runner, label, at)
  select lease.name, lease.runner, runner.label, clock_timestamp() from portcullis.subscription_leases as lease
    left join portcullis.subscription_runners as runner on runner.id = lease.runner;
create trigger keep after insert or update on portcullis.subscription_leases for each row execute function crash.keep();`)
}

interface Row {
  readonly name: string
  readonly label: string | null
  readonly at: Date
}

/**
 * What the workers that were killed ran when they died, and when it had an owner again, by the database's clock.
 * @throws Error when something never had one again
 */
export const takeOversOf = async ({ runtime, struck }: CrashRun): Promise<readonly TakeOver[]> => {
  const { rows } = await runtime.pool.query<Row>(
    'select name, label, at from crash.leases order by id',
  )
  const histories = Map.groupBy(rows, ({ name }) => name)
  return struck.flatMap(({ pid, at }) =>
    pid === undefined
      ? []
      : [...histories].flatMap(([subscription, history]) => {
          const owned = history.filter((row) => row.at.getTime() <= at).at(-1)
          if (owned?.label !== `${hostname()} ${pid}`) return []
          const next = history.find((row) => row.at.getTime() > at && row.label !== null)
          if (next === undefined) throw new Error(`${subscription} has no owner any more`)
          return [{ subscription, millis: next.at.getTime() - at }]
        }),
  )
}

/** How many there were, and how long they took. */
export const summaryOf = (takeOvers: readonly TakeOver[]) => {
  const millis = takeOvers.map((one) => one.millis).sort((one, other) => one - other)
  return {
    count: millis.length,
    medianMillis: millis[Math.floor(millis.length / 2)] ?? null,
    maxMillis: millis.at(-1) ?? null,
  }
}

/** For people: what was without an owner for how long, and when commands were answered again. */
export const timesOf = (run: CrashRun, takeOvers: readonly TakeOver[]): string => {
  const lines = takeOvers.map(
    ({ subscription, millis }) => `  ${subscription} had no owner for ${millis} ms`,
  )
  const answers = run.struck.map(({ disruption, at, mendedAt }) => {
    const next = run.driver.nextAfter(at)
    const again =
      next === undefined
        ? 'no command came'
        : `the next command, sent ${next.sent} ms later, was answered in ${next.took} ms`
    return `  ${disruption}: ${again}; all was back after ${mendedAt - at} ms`
  })
  return ['take-over:', ...lines, 'answers:', ...answers].join('\n')
}
