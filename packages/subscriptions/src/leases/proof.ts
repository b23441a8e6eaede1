import type { Sql } from '@portcullis/postgres'
import type pg from 'pg'
import { CHANNEL, PROOF } from './leaseTable.ts'

/**
 * A connection whose end tells the others that this process has died, and over which they tell that a lease is free.
 */
export interface Proof {
  /** Of its own, so that a beat needn't wait for the pool. */
  readonly sql: Sql
  /** The lock is held: false when somebody between here and the server keeps connections for us. */
  readonly held: boolean
  isOpen(): boolean
  close(): void
}

/**
 * Takes a connection of the pool for good. Through a pooler in transaction mode neither lock nor notification is
 * reliable: then leases end by their time, and are found free at the next beat.
 * @param onFree called when another runner has given a lease up
 * @throws what the database throws
 */
export const openProof = async (pool: pg.Pool, id: string, onFree: () => void): Promise<Proof> => {
  const client = await pool.connect()
  let open = true
  const close = (): void => {
    if (!open) return
    open = false
    client.off('notification', onFree)
    // It ends with its lock.
    client.release(true)
  }
  client.on('error', close)
  client.on('end', close)
  client.on('notification', onFree)
  try {
    await client.query(`listen ${CHANNEL}`)
    const { rows } = await client.query<{ locked: boolean }>(PROOF, [id])
    return { sql: client, held: rows[0]?.locked === true, isOpen: () => open, close }
  } catch (error) {
    close()
    throw error
  }
}
