import { linesOf, openDeployment, type Running } from '@portcullis/operator/testing'
import { testDatabase } from '@portcullis/postgres/testing'
import { expect, it, onTestFinished, vi } from 'vitest'

const WAIT = { timeout: 120_000, interval: 50 }
const PARTS = ['api', 'worker', 'api', 'worker'] as const

/** Where a process answers probes. */
const probesOf = ({ stdout }: Running): string => {
  const started = linesOf(stdout).find(({ event }) => event === 'started')
  return String(started?.url ?? started?.probes)
}

it('two apis and two workers started at the same moment on an empty database all get ready, and one makes the tables', async () => {
  const database = await testDatabase()
  onTestFinished(() => database.close())
  // The server keeps account of what is made, no matter who makes it.
  await database.pool.query(`
    create table public.made (identity text, backend int);
    create function public.note_made() returns event_trigger language plpgsql security definer as $$ begin
      insert into public.made select object_identity, pg_backend_pid() from pg_event_trigger_ddl_commands()
        where command_tag in ('CREATE TABLE', 'CREATE SCHEMA');
    end $$;
    create event trigger note_made on ddl_command_end execute function public.note_made()`)
  const deployment = await openDeployment({ DATABASE_URL: database.url })
  onTestFinished(() => deployment.close())
  const processes = PARTS.map((part) => deployment.start(part))
  await Promise.all(processes.map((process) => process.says('"event":"started"')))
  await vi.waitFor(async () => {
    const answers = await Promise.all(
      processes.map(async (process) => (await fetch(`${probesOf(process)}/readyz`)).status),
    )
    expect(answers).toEqual([200, 200, 200, 200])
  }, WAIT)

  const { rows } = await database.pool.query<{ identity: string; times: number }>(
    `select identity, count(*)::int as times from public.made
     where identity like 'portcullis%' group by identity order by identity`,
  )
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.filter(({ times }) => times > 1)).toEqual([])
  // Nor was the first event written twice.
  const { rows: begun } = await database.pool.query(
    `select type, count(*)::int from portcullis_events.events group by type`,
  )
  expect(begun).toEqual([{ type: 'CatalogCreated.v1', count: 1 }])

  await deployment.loadSample()
  await deployment.liveThrough()
  for (const { code, stdout } of await deployment.stop()) {
    expect(code).toBe(0)
    const troubles = linesOf(stdout).filter(({ level }) => level === 'error' || level === 50)
    expect(troubles).toEqual([])
  }
})
