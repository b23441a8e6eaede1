import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDeployment, ROOT } from '@portcullis/operator/testing'
import { connectSession } from '@portcullis/postgres'
import { startTestServer } from '@portcullis/postgres/testing'
import { expect, it, onTestFinished } from 'vitest'

/** The statements of the page's SQL blocks, as they are printed. */
const statementsOf = async (): Promise<readonly string[]> => {
  const page = await readFile(join(ROOT, 'docs', 'how-to', 'database.md'), 'utf8')
  return [...page.matchAll(/^```sql\n(.*?)^```$/gms)].flatMap(([, sql = '']) =>
    sql
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ''),
  )
}

/**
 * A server on which nothing is called as in the page yet: what an administrator has.
 * @returns addresses of the database as a role
 */
const administratedServer = async () => {
  const server = await startTestServer()
  onTestFinished(() => server.stop())
  const urlOf = (database: string, role: string, password: string): string => {
    const url = new URL(server.url)
    url.pathname = `/${database}`
    url.username = role
    url.password = password
    return url.href
  }
  const session = async (url: string) => {
    const client = await connectSession({ url, applicationName: 'administrator' })
    onTestFinished(() => client.end())
    return client
  }
  const first = await session(server.url)
  await first.query(`create role administrator superuser login password 'administrator'`)
  await first.end()
  const administrator = await session(urlOf('postgres', 'administrator', 'administrator'))
  await administrator.query('drop database portcullis with (force)')
  await administrator.query('alter role portcullis rename to embedded')
  return { administrator, urlOf, session }
}

it('a request goes through its life by the page’s role, which can change and delete no event', async () => {
  const { administrator, urlOf, session } = await administratedServer()
  const statements = await statementsOf()
  expect(statements.length).toBeGreaterThan(4)
  for (const statement of statements) await administrator.query(statement)
  const deployment = await openDeployment({
    DATABASE_URL: urlOf('portcullis', 'portcullis_engine', 'secret'),
  })
  onTestFinished(() => deployment.close())

  expect(
    await deployment.run('migrate', {
      MIGRATION_DATABASE_URL: urlOf('portcullis', 'portcullis_owner', 'other-secret'),
    }),
  ).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('portcullis_engine reads and appends'),
  })

  await deployment.loadSample()
  const processes = [deployment.start('api'), deployment.start('worker')]
  for (const process of processes) await process.says('"event":"started"')
  await deployment.liveThrough()

  const engine = await session(String(deployment.env.DATABASE_URL))
  const { rows } = await engine.query<{ events: number; mine: number; user: string }>(
    `select count(*)::int as events, (select count(*)::int from pg_tables
       where schemaname = 'portcullis_events' and tableowner = current_user) as mine, current_user as user
     from portcullis_events.events`,
  )
  expect(rows).toEqual([{ events: expect.any(Number), mine: 0, user: 'portcullis_engine' }])
  expect(rows[0]?.events).toBeGreaterThan(10)
  for (const statement of [
    `update portcullis_events.events set type = 'Forged.v1'`,
    'delete from portcullis_events.events',
    'truncate portcullis_events.events',
    'alter table portcullis_events.events disable trigger all',
  ])
    await expect(engine.query(statement), statement).rejects.toMatchObject({ code: '42501' })
  expect((await deployment.stop()).slice(-2).map(({ code }) => code)).toEqual([0, 0])
})
