import { readFile } from 'node:fs/promises'
import { silentLog } from '@portcullis/engine'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from './config.ts'
import { migrateAsOwner } from './migrateAsOwner.ts'
import { openRuntime } from './runtime.ts'

let db: TestDatabase
let env: { readonly DATABASE_URL: string; readonly MIGRATION_DATABASE_URL: string }

/** The SQL of the how-to, for roles and a database of this test. */
beforeAll(async () => {
  db = await testDatabase()
  const { pathname } = new URL(db.url)
  const name = pathname.slice(1)
  const page = await readFile(new URL('../../../docs/how-to/database.md', import.meta.url), 'utf8')
  const [, sql = ''] = /## A role that only appends[\s\S]*?```sql\n([\s\S]*?)```/.exec(page) ?? []
  expect(sql).toContain('portcullis_owner')
  await db.pool.query(
    sql
      .replaceAll('portcullis_owner', `owner_${name}`)
      .replaceAll('portcullis_engine', `engine_${name}`)
      .replaceAll('database portcullis', `database ${name}`),
  )
  const as = (role: string, password: string): string => {
    const url = new URL(db.url)
    url.username = `${role}_${name}`
    url.password = password
    return url.href
  }
  env = {
    DATABASE_URL: as('engine', 'secret'),
    MIGRATION_DATABASE_URL: as('owner', 'other-secret'),
  }
})
afterAll(async () => {
  const name = new URL(db.url).pathname.slice(1)
  const roles = `owner_${name}, engine_${name}`
  await db.pool.query(`drop owned by ${roles} cascade`)
  await db.pool.query(`drop role ${roles}`)
  await db.close()
})

const config = () => readConfig(env, '/tmp')
const open = () => openRuntime(config(), { log: silentLog, database: 'attach' })

describe('a role that only appends', () => {
  it('says who must make the tables when they are not there', async () => {
    await db.pool.query(`revoke create on database ${new URL(db.url).pathname.slice(1)} from
      engine_${new URL(db.url).pathname.slice(1)}`)
    await expect(open()).rejects.toThrow(/portcullis migrate.*MIGRATION_DATABASE_URL/)
    await db.pool.query(`grant create on database ${new URL(db.url).pathname.slice(1)} to
      engine_${new URL(db.url).pathname.slice(1)}`)
  })

  it('runs engines that start at the same moment on an empty database, and can change no event', async () => {
    expect(await migrateAsOwner(config(), silentLog)).toEqual({
      engine: decodeURIComponent(new URL(env.DATABASE_URL).username),
    })
    const runtimes = await Promise.all([open(), open(), open()])
    onTestFinished(async () => {
      for (const runtime of runtimes) await runtime.close()
    })
    for (const { store } of runtimes)
      expect((await store.readStream('catalog-default')).length).toBeGreaterThan(0)
    // Twice is as good as once.
    await migrateAsOwner(config(), silentLog)
    const client = new pg.Client({ connectionString: env.DATABASE_URL })
    await client.connect()
    onTestFinished(() => client.end())
    for (const statement of [
      `update portcullis_events.events set type = 'Forged.v1'`,
      'delete from portcullis_events.events',
      'truncate portcullis_events.events',
      'alter table portcullis_events.events disable trigger all',
      'drop table portcullis_events.events cascade',
      'drop schema portcullis_events cascade',
    ])
      await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' })
  })
})
