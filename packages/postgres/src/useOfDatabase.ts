import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { delay } from './delay.ts'
import { LOCK } from './locks.ts'
import { connectSession, START_WAIT_MILLIS } from './session.ts'

/** The database is used by others right now, and what is asked for can't go on beside them. */
export class DatabaseInUse extends Error {
  readonly code = 'database.in-use'
  constructor(message: string) {
    super(message)
    this.name = 'DatabaseInUse'
  }
}

export interface UseOfDatabase {
  end(): Promise<void>
}

export interface UseOptions {
  /** Shown to the one who finds the database in use. */
  readonly applicationName: string
  /** An engine's connection was lost, and by the time it was back somebody had taken the database alone: stop. */
  readonly onEvicted?: (error: DatabaseInUse) => void
}

const RETRY_MILLIS = 1_000
/** The session of a process that was killed may last a moment longer. */
const PATIENCE_MILLIS = 5_000

const connect = (
  url: string,
  applicationName: string,
  waitMillis = START_WAIT_MILLIS,
): Promise<pg.Client> => connectSession({ url, applicationName, waitMillis })

const locks = async (client: pg.Client, take: string): Promise<boolean> => {
  const { rows } = await client.query<{ locked: boolean }>(`select ${take}($1) as locked`, [
    LOCK.useOfDatabase,
  ])
  return rows[0]?.locked === true
}

/** Who holds the lock, as `portcullis (process 4711)`. */
const holders = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ holder: string }>(
    `select distinct coalesce(nullif(a.application_name, ''), 'somebody') || ' (server process ' || l.pid || ')' as holder
       from pg_locks l left join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.pid <> pg_backend_pid()
         and (l.classid::bigint << 32 | l.objid::bigint) = $1
         and l.database = (select oid from pg_database where datname = current_database())
       order by holder limit 10`,
    [LOCK.useOfDatabase],
  )
  return rows.map(({ holder }) => holder).join(', ') || 'somebody'
}

/**
 * Says that an engine uses this database, beside others, until `end`: over a connection of its own, made anew when it
 * is lost.
 * @throws DatabaseInUse when somebody has it alone
 */
export const useBesideOthers = async (
  url: string,
  { applicationName, onEvicted }: UseOptions,
): Promise<UseOfDatabase> => {
  const ending = new AbortController()
  let current: pg.Client | undefined
  const join = async (waitMillis?: number): Promise<void> => {
    const client = await connect(url, applicationName, waitMillis)
    try {
      if (!(await locks(client, 'pg_try_advisory_lock_shared')))
        throw new DatabaseInUse(
          `the database is being worked on by ${await holders(client)}: start the engine again when that is done`,
        )
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    client.on('end', () => void joinAgain())
    current = client
    if (ending.signal.aborted) await client.end()
  }
  const joinAgain = async (): Promise<void> => {
    current = undefined
    while (!ending.signal.aborted) {
      try {
        return await join(0)
      } catch (error) {
        if (error instanceof DatabaseInUse) return onEvicted?.(error)
        await delay(RETRY_MILLIS, ending.signal)
      }
    }
  }
  await join()
  return {
    end: async () => {
      ending.abort()
      await current?.end()
    },
  }
}

/**
 * Takes the database alone, so that no engine begins to use it until `end`.
 * @throws DatabaseInUse naming who uses it
 */
export const useAlone = async (
  url: string,
  { applicationName }: Pick<UseOptions, 'applicationName'>,
): Promise<UseOfDatabase> => {
  const client = await connect(url, applicationName)
  const giveUpAt = performance.now() + PATIENCE_MILLIS
  try {
    while (!(await locks(client, 'pg_try_advisory_lock'))) {
      if (performance.now() > giveUpAt)
        throw new DatabaseInUse(
          `the database is in use by ${await holders(client)}: stop every api, worker and command that uses it first`,
        )
      await pause(RETRY_MILLIS / 4)
    }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  return { end: () => client.end() }
}
