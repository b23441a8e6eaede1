import { expect, it } from 'vitest'
import { testDatabase } from './index.ts'

it('hands out fresh databases that know nothing of each other', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()])
  await one.pool.query('create table mine (n int)')
  await expect(other.pool.query('select * from mine')).rejects.toThrow(/does not exist/)
  await one.close()
  await other.close()
  await expect(one.pool.query('select 1')).rejects.toThrow()
})

it('sorts by code point and folds the case of every script', async () => {
  const database = await testDatabase()
  const { rows } = await database.pool.query<{ name: string }>(
    "select name from unnest(array['b', 'B', 'ä', 'Z', 'a']) as t (name) order by name",
  )
  expect(rows.map((row) => row.name)).toEqual(['B', 'Z', 'a', 'b', 'ä'])
  const { rows: folded } = await database.pool.query("select lower('ÄΣЖ') as lower")
  expect(folded).toEqual([{ lower: 'äσж' }])
  await database.close()
})
