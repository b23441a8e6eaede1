import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MigrationError, migrate } from './migrate.ts'
import { inTransaction } from './pool.ts'
import { type TestDatabase, testDatabase } from './testing/index.ts'

const first = {
  id: '0001-things',
  sql: 'create table things (n int); insert into things values (1)',
}
const second = { id: '0002-more', sql: 'insert into things values (2)' }

describe('migrate', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
  })
  afterAll(() => db.close())

  const things = async (): Promise<unknown[]> =>
    (await db.pool.query('select n from things order by n')).rows.map((row) => row.n)

  it('runs each migration once, also when several processes start together', async () => {
    await Promise.all([1, 2, 3].map(() => migrate(db.pool, 'part', [first])))
    expect(await things()).toEqual([1])
    await migrate(db.pool, 'part', [first, second])
    expect(await things()).toEqual([1, 2])
  })

  it('refuses one that was edited, one out of order, and a database of a newer release', async () => {
    const edited = { ...second, sql: 'insert into things values (3)' }
    await expect(migrate(db.pool, 'part', [first, edited])).rejects.toThrow(/0002-more.*edited/)
    await expect(migrate(db.pool, 'part', [second, first])).rejects.toThrow(/keep their order/)
    await expect(migrate(db.pool, 'part', [first])).rejects.toThrow(/newer release/)
    expect(await things()).toEqual([1, 2])
  })

  it('undoes everything when one fails', async () => {
    const good = { id: '0001-other', sql: 'create table other (n int)' }
    const bad = { id: '0002-bad', sql: 'insert into nowhere values (1)' }
    const failed = await migrate(db.pool, 'other', [good, bad]).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(MigrationError)
    expect(String(failed)).toContain('0002-bad of other failed')
    await migrate(db.pool, 'other', [good])
  })
})

describe('inTransaction', () => {
  it('rolls back and passes the error on, and survives a connection that dies inside', async () => {
    const db = await testDatabase()
    await db.pool.query('create table t (n int)')
    await expect(
      inTransaction(db.pool, async (sql) => {
        await sql.query('insert into t values (1)')
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await expect(
      inTransaction(db.pool, (sql) => sql.query('select pg_terminate_backend(pg_backend_pid())')),
    ).rejects.toThrow(/terminat/)
    expect(
      await inTransaction(db.pool, async (sql) => (await sql.query('select * from t')).rows),
    ).toEqual([])
    await db.close()
  })
})
