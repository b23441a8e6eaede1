import { LOCK } from './locks.ts'
import { connectSession, START_WAIT_MILLIS } from './session.ts'

/**
 * Runs `work` as the only one that makes or upgrades tables of this database, in any process; waits for somebody else's
 * to end. Over a connection of its own, whose end ends the lock.
 * @param onWait told when somebody else is at it
 * @throws errors of connecting, and what `work` throws
 */
export const underMigrationLock = async <Result>(
  url: string,
  onWait: () => void,
  work: () => Promise<Result>,
): Promise<Result> => {
  // Without the lock's connection the parts still wait for each other, each under a lock of its own.
  const client = await connectSession({
    url,
    applicationName: 'portcullis migrations',
    waitMillis: START_WAIT_MILLIS,
  })
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1) as locked',
      [LOCK.allMigrations],
    )
    if (rows[0]?.locked !== true) {
      onWait()
      await client.query('select pg_advisory_lock($1)', [LOCK.allMigrations])
    }
    return await work()
  } finally {
    await client.end().catch(() => {})
  }
}
