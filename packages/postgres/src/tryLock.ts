import type pg from 'pg'

/**
 * Runs `work` as the only one with that lock, in any process of the database; doesn't wait for somebody else's.
 * When the connection that holds the lock dies, so does the lock; the work must bear a second one beside it.
 * @param space keeps locks of different kinds apart
 * @returns undefined when somebody else has the lock: then nothing was done
 */
export const tryLock = async <Result>(
  pool: pg.Pool,
  space: number,
  name: string,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> => {
  const client = await pool.connect()
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as locked',
      [space, name],
    )
    if (rows[0]?.locked !== true) return undefined
    try {
      return { result: await work() }
    } finally {
      // At once, so that the next one may begin as soon as this one is told to be over.
      await client
        .query('select pg_advisory_unlock($1, hashtext($2))', [space, name])
        .catch(() => {})
    }
  } finally {
    // A connection that couldn't be asked releases the lock by its end.
    client.release(true)
  }
}
