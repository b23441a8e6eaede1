import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  attachEmbeddedPostgres,
  type EmbeddedPostgres,
  ensureEmbeddedPostgres,
  startEmbeddedPostgres,
} from './embeddedPostgres.ts'
import { ask, dataFolder, PATIENCE, postmasterPid, startEngine } from './testing/engines.ts'

const start = async (dataDir: string, log: string[] = []): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({ dataDir, log: (line) => log.push(line) })
  onTestFinished(() => server.stop())
  return server
}

describe('embedded PostgreSQL', () => {
  it('starts from nothing, keeps its data, and starts again', async () => {
    const dataDir = await dataFolder()
    const log: string[] = []
    const first = await start(dataDir, log)
    expect(first.version).toMatch(/^18\./)
    await ask(first.url, 'create table kept (n int); insert into kept values (1)')
    const settings = await ask(
      first.url,
      `select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'server_encoding', 'TimeZone', 'data_checksums') order by name`,
    )
    expect(settings).toEqual([
      { name: 'TimeZone', setting: 'UTC' },
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'synchronous_commit', setting: 'on' },
    ])
    await first.stop()
    await first.stop()
    await expect(ask(first.url, 'select 1')).rejects.toThrow()
    const second = await start(dataDir)
    expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 1 }])
    const { password } = new URL(second.url)
    expect(password.length).toBeGreaterThan(20)
    expect(log.join()).not.toContain(password)
  })

  it('keeps the password to the owner of the data, and lets nobody in without it', async () => {
    const dataDir = await dataFolder()
    const { url } = await start(dataDir)
    const file = await stat(path.join(dataDir, 'postgres', '18', 'password'))
    expect((file.mode & 0o777).toString(8)).toBe('600')
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
  })

  it('is attached to by others while it runs, and found not running when it does not', async () => {
    const dataDir = await dataFolder()
    await expect(attachEmbeddedPostgres(dataDir)).rejects.toMatchObject({
      code: 'embedded-postgres.not-running',
    })
    const server = await start(dataDir)
    const attached = await attachEmbeddedPostgres(dataDir)
    const ensured = await ensureEmbeddedPostgres({ dataDir, log: () => {} })
    expect([attached, ensured].map(({ url, owned }) => [url, owned])).toEqual([
      [server.url, false],
      [server.url, false],
    ])
    await ensured.stop()
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await server.stop()
    const own = await ensureEmbeddedPostgres({ dataDir, log: () => {} })
    expect(own.owned).toBe(true)
    await own.stop()
  })

  it('belongs to one engine, also when two start in the same moment', async () => {
    const dataDir = await dataFolder()
    const engines = await Promise.all([startEngine(dataDir), startEngine(dataDir)])
    const kinds = engines.map(({ first }) => first.kind).sort()
    expect(kinds).toEqual(['refused', 'running'])
    const refused = engines.find(({ first }) => first.kind === 'refused')?.first
    const running = engines.find(({ first }) => first.kind === 'running')
    expect(refused?.code).toBe('embedded-postgres.in-use')
    expect(refused?.message).toContain(`process ${running?.pid}`)
  })

  it('outlives Ctrl-C on the terminal, so that the engine can finish first', async () => {
    const dataDir = await dataFolder()
    const engine = await startEngine(dataDir)
    await engine.signal('SIGINT', true)
    await engine.hears('interrupted')
    expect(await ask(engine.first.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }])
    await engine.signal('SIGTERM')
    await expect(ask(engine.first.url ?? '', 'select 1')).rejects.toThrow()
  })

  it('is taken over from an engine that was killed', async () => {
    const dataDir = await dataFolder()
    const engine = await startEngine(dataDir)
    await ask(engine.first.url ?? '', 'create table kept (n int)')
    const pid = await postmasterPid(dataDir)
    await engine.signal('SIGKILL')
    const server = await start(dataDir)
    expect(await postmasterPid(dataDir)).toBe(pid)
    expect(await ask(server.url, 'select n from kept')).toEqual([])
    await server.stop()
    await expect(ask(server.url, 'select 1')).rejects.toThrow()
  })

  it('starts when both it and its engine were killed', async () => {
    const dataDir = await dataFolder()
    const engine = await startEngine(dataDir)
    await ask(engine.first.url ?? '', 'create table kept as select 7 as n')
    const pid = await postmasterPid(dataDir)
    await engine.signal('SIGKILL')
    process.kill(pid, 'SIGKILL')
    const server = await start(dataDir)
    expect(await postmasterPid(dataDir)).not.toBe(pid)
    expect(await ask(server.url, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('comes back at the same address when it is killed under the engine', async () => {
    const dataDir = await dataFolder()
    const log: string[] = []
    const server = await start(dataDir, log)
    process.kill(await postmasterPid(dataDir), 'SIGKILL')
    await vi.waitUntil(() => log.includes('PostgreSQL is back'), PATIENCE)
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await server.stop()
    await expect(readFile(path.join(dataDir, 'postgres/18/data/postmaster.pid'))).rejects.toThrow()
  })
})
