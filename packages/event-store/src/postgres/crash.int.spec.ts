import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { contractEventSchemas } from '@portcullis/core/contracts'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { testDatabase } from '@portcullis/postgres/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCodec } from '../codec.ts'
import { expectWhole, killTree, type Line, type Talker, talk } from '../testing/processes.ts'
import { createPostgresEventStore } from './postgresEventStore.ts'

const codec = createCodec(contractEventSchemas)
const APPEND = new URL('../testing/appendLoop.process.ts', import.meta.url)
const FOLLOW = new URL('../testing/follow.process.ts', import.meta.url)
const PATIENCE = { timeout: 60_000, interval: 2 }

/** Waits until that many more appends were acknowledged; a process that ended instead says why. */
const more = async (talker: Talker, count: number): Promise<void> => {
  const goal = talker.lines.length + count
  await vi.waitUntil(() => {
    if (talker.complaints() !== '') throw new Error(talker.complaints())
    return talker.lines.length >= goal
  }, PATIENCE)
}

/** A moment that nobody chose: some appends from now. */
const someAppends = (): number => 1 + Math.floor(Math.random() * 300)

describe('kill -9', () => {
  it('of an appending process loses nothing acknowledged and leaves no gap', async () => {
    const database = await testDatabase()
    const store = await createPostgresEventStore({ url: database.url, codec })
    const acknowledged: Line[] = []
    for (let round = 0; round < 6; round += 1) {
      const callers = round % 2 === 0 ? '1' : '12'
      const talker = talk(APPEND, database.url, `round${round}`, callers)
      await more(talker, someAppends())
      await talker.kill()
      acknowledged.push(...talker.lines)
    }
    const log = await expectWhole(store, acknowledged)
    expect(log.length).toBeGreaterThanOrEqual(acknowledged.length)
    await store.close()
    await database.close()
  })

  it.runIf(process.platform === 'linux')(
    'of PostgreSQL, all of it, loses nothing acknowledged, and appending and following go on',
    async () => {
      const dataDir = await mkdtemp(path.join(tmpdir(), 'portcullis-crash-'))
      await chmod(dataDir, 0o755)
      const said: string[] = []
      const server = await startEmbeddedPostgres({ dataDir, log: (line) => said.push(line) })
      onTestFinished(async () => {
        await server.stop()
        await rm(dataDir, { recursive: true, force: true })
      })
      const talkers = [
        talk(APPEND, server.url, 'alone', '1'),
        talk(APPEND, server.url, 'many', '12'),
      ]
      const follower = talk(FOLLOW, server.url)
      for (let round = 0; round < 3; round += 1) {
        for (const talker of talkers) await more(talker, someAppends())
        const pidFile = path.join(dataDir, 'postgres', '18', 'data', 'postmaster.pid')
        await killTree(Number((await readFile(pidFile, 'utf8')).split('\n')[0]))
        await vi.waitUntil(
          () => said.filter((line) => /is back/.test(line)).length > round,
          PATIENCE,
        )
      }
      for (const talker of talkers) {
        await more(talker, 50)
        await talker.kill()
      }
      const store = await createPostgresEventStore({ url: server.url, codec })
      const log = await expectWhole(
        store,
        talkers.flatMap((talker) => talker.lines),
      )
      await vi.waitUntil(() => follower.lines.length >= log.length, PATIENCE)
      await follower.kill()
      expect(follower.lines).toEqual(log)
      await store.close()
    },
  )
})

it('shows every event of two appending processes once and in order to a third', async () => {
  const database = await testDatabase()
  const follower = talk(FOLLOW, database.url)
  const talkers = [
    talk(APPEND, database.url, 'one', '1'),
    talk(APPEND, database.url, 'two', '1'),
    talk(APPEND, database.url, 'group', '8'),
  ]
  for (const talker of talkers) await more(talker, 500)
  for (const talker of talkers) await talker.kill()
  const store = await createPostgresEventStore({ url: database.url, codec })
  const log = await expectWhole(
    store,
    talkers.flatMap((talker) => talker.lines),
  )
  await vi.waitUntil(() => follower.lines.length >= log.length, PATIENCE)
  await follower.kill()
  expect(follower.lines).toEqual(log)
  await store.close()
  await database.close()
})
