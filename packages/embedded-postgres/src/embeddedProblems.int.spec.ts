import { execFile } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isRoot } from './account.ts'
import { copyBinaries, findBinaries } from './binaries.ts'
import { attachEmbeddedPostgres, startEmbeddedPostgres } from './embeddedPostgres.ts'
import { ask, dataFolder, startEngine } from './testing/engines.ts'

const run = promisify(execFile)
const NOBODY = { uid: 65_534, gid: 65_534 }

const start = (dataDir: string, port?: number) =>
  startEmbeddedPostgres({ dataDir, log: () => {}, ...(port === undefined ? {} : { port }) })

/** Makes a cluster and stops it. */
const usedFolder = async (): Promise<string> => {
  const dataDir = await dataFolder()
  await (await start(dataDir)).stop()
  return dataDir
}

describe('embedded PostgreSQL explains', () => {
  it('a port that is taken', async () => {
    const dataDir = await dataFolder()
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    onTestFinished(() => void squatter.close())
    const address = squatter.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await expect(start(dataDir, port)).rejects.toMatchObject({
      code: 'embedded-postgres.port-taken',
      message: expect.stringContaining(`Port ${port} `),
    })
  })

  it('data of another major version, and how to bring it over', async () => {
    const dataDir = await usedFolder()
    const clusters = path.join(dataDir, 'postgres')
    await rename(path.join(clusters, '18'), path.join(clusters, '17'))
    const refused = { code: 'embedded-postgres.other-version' }
    await expect(start(dataDir)).rejects.toMatchObject(refused)
    await expect(start(dataDir)).rejects.toThrow(/PostgreSQL 17.*pg_dump/)
    await rename(path.join(clusters, '17'), path.join(clusters, '18'))
    await writeFile(path.join(clusters, '18', 'data', 'PG_VERSION'), '17\n')
    await expect(start(dataDir)).rejects.toMatchObject(refused)
  })

  it('a cluster that lacks a file', async () => {
    const dataDir = await usedFolder()
    await rm(path.join(dataDir, 'postgres', '18', 'password'))
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'embedded-postgres.damaged' })
  })

  it('a folder without the rights', async () => {
    const dataDir = await dataFolder(0o555)
    // Root may do everything; the refusal is an ordinary user's.
    const failed = isRoot()
      ? (await startEngine(dataDir, NOBODY)).first
      : await start(dataDir).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'embedded-postgres.folder-rights',
      message: expect.stringContaining(path.join(dataDir, 'postgres')),
    })
  })

  it.runIf(isRoot())("a running server that belongs to another user's engine", async () => {
    const dataDir = await dataFolder()
    await chown(dataDir, NOBODY.uid, NOBODY.gid)
    await (await startEngine(dataDir)).signal('SIGTERM')
    const { first } = await startEngine(dataDir, NOBODY)
    expect(first).toMatchObject({ code: 'embedded-postgres.folder-rights' })
  })

  it.runIf(isRoot())('a full disk', async ({ skip }) => {
    const dataDir = await dataFolder()
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dataDir]).then(
      () => true,
      () => false,
    )
    if (!mounted) skip('this machine lets nobody mount a tmpfs')
    onTestFinished(async () => void (await run('umount', [dataDir])))
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'embedded-postgres.disk-full' })
    expect(await readdir(path.join(dataDir, 'postgres'))).toEqual([])
  })
})

describe('embedded PostgreSQL copes with', () => {
  it('a process id file whose number is now another program', async () => {
    const dataDir = await usedFolder()
    const cluster = path.join(dataDir, 'postgres', '18', 'data')
    const lines = [process.pid, cluster, 1_700_000_000, 5432, '', '127.0.0.1', '', 'ready']
    await writeFile(path.join(cluster, 'postmaster.pid'), `${lines.join('\n')}\n`)
    await expect(attachEmbeddedPostgres(dataDir)).rejects.toMatchObject({
      code: 'embedded-postgres.not-running',
    })
    const server = await start(dataDir)
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await server.stop()
  })

  it('what a crash in the middle of the first start left behind', async () => {
    const dataDir = await dataFolder()
    const clusters = path.join(dataDir, 'postgres')
    const [old, recent] = ['18.new-old', '18.new-recent']
    await mkdir(path.join(clusters, old, 'data'), { recursive: true })
    await mkdir(path.join(clusters, recent), { recursive: true })
    const hourAgo = new Date(Date.now() - 3_600_000)
    await utimes(path.join(clusters, old), hourAgo, hourAgo)
    await (await start(dataDir)).stop()
    expect((await readdir(clusters)).sort()).toEqual(['18', recent])
  })

  it.runIf(isRoot())('an ordinary user, and later root on the same folder', async () => {
    const dataDir = await dataFolder()
    await chown(dataDir, NOBODY.uid, NOBODY.gid)
    const engine = await startEngine(dataDir, NOBODY)
    expect(engine.first).toMatchObject({ kind: 'running' })
    await ask(engine.first.url ?? '', 'create table kept as select 7 as n')
    await engine.signal('SIGTERM')
    const server = await start(dataDir)
    expect(await ask(server.url, 'select n from kept')).toEqual([{ n: 7 }])
    await server.stop()
    const again = await startEngine(dataDir, NOBODY)
    expect(again.first).toMatchObject({ kind: 'running' })
  })

  it.runIf(isRoot())('a data folder that only root can reach, run by root', async () => {
    const dataDir = await dataFolder(0o700)
    const log: string[] = []
    const server = await startEmbeddedPostgres({ dataDir, log: (line) => log.push(line) })
    const pointer = path.join(dataDir, 'postgres', 'location')
    const location = (await readFile(pointer, 'utf8')).trim()
    onTestFinished(() => rm(location, { recursive: true, force: true }))
    expect(location).toMatch(/^\/var\/lib\/portcullis\//)
    expect(log.join()).toContain(location)
    expect((await attachEmbeddedPostgres(dataDir)).url).toBe(server.url)
    await server.stop()
    await (await start(dataDir)).stop()
    expect((await stat(path.join(location, '18', 'data'))).uid).not.toBe(0)
  })

  it.runIf(isRoot())('such a folder, deleted and made anew: it starts empty', async () => {
    const dataDir = await dataFolder(0o700)
    const clusters = path.join(dataDir, 'postgres')
    const locate = async (): Promise<string> => {
      const location = (await readFile(path.join(clusters, 'location'), 'utf8')).trim()
      onTestFinished(() => rm(location, { recursive: true, force: true }))
      return location
    }
    const [server, rival] = await Promise.allSettled([start(dataDir), start(dataDir)])
    const first = await locate()
    const running = [server, rival].flatMap((each) =>
      each.status === 'fulfilled' ? [each.value] : [],
    )
    expect(running).toHaveLength(1)
    for (const each of running) {
      await ask(each.url, 'create table old as select 1')
      await each.stop()
    }
    await rm(clusters, { recursive: true })
    const anew = await start(dataDir)
    expect(await locate()).not.toBe(first)
    expect(await ask(anew.url, `select to_regclass('old') as old`)).toEqual([{ old: null }])
    await anew.stop()
    await rm(await locate(), { recursive: true })
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'embedded-postgres.damaged',
      message: expect.stringContaining('is gone'),
    })
  })

  it('binaries that must be elsewhere', async () => {
    const folder = await dataFolder()
    const binaries = await findBinaries()
    const copy = await copyBinaries(binaries, folder)
    expect(copy.root.startsWith(folder)).toBe(true)
    expect(copy.version).toBe(binaries.version)
    await chmod(copy.root, 0o755)
    const again = await copyBinaries(binaries, folder)
    expect(again).toEqual(copy)
    expect(await readdir(folder)).toHaveLength(1)
  })
})
