import { expect, it } from 'vitest'
import { createPool } from './pool.ts'
import { testDatabase } from './testing/index.ts'

it('outlives a connection that breaks in the hands of somebody who listens to nothing', async () => {
  const database = await testDatabase()
  const pool = createPool(database.url, { max: 1, applicationName: 'test' })
  const client = await pool.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  // Not by `once` of Node, which would listen to errors as well.
  const ended = new Promise((resolve) => client.on('end', () => resolve('ended')))
  await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  expect(await ended).toBe('ended')
  await expect(client.query('select 1')).rejects.toThrow(/not queryable|terminat/)
  client.release()
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await pool.end()
  await database.close()
})
