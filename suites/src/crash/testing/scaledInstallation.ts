import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startDoubleProcess } from '@portcullis/event-store/testing'
import { startRedis } from '@portcullis/jobs/testing'
import { startTestServer } from '@portcullis/postgres/testing'
import type { Runtime } from '@portcullis/runtime'
import { openFaultyProxy } from '../../faults/testing/faultyProxy.ts'
import { createEngineProcess } from './engineProcess.ts'
import { type Installation, instant, killOf, type Strike } from './installation.ts'
import type { MailSink } from './mailSink.ts'
import type { Moments } from './moments.ts'
import { createRandom } from './random.ts'
import { openStage } from './stage.ts'

const APIS = 2
const WORKERS = 3
/** Three workers on few cores: what only takes its time isn't to be done twice. */
const PACE = { sweep: 2, stale: 10, lease: 20 }
const POLL_MILLIS = 50
/** Longer than it takes from a mail's arrival to the row that says so. */
const NOT_RECORDED_MILLIS = 2_000

/**
 * Many processes, each a real one: the double of EventStoreDB behind a line that can be cut, a PostgreSQL and a Redis
 * of this run's own, two api processes and three workers. The engine's aren't started yet.
 */
export const installScaled = async (seen: Moments['seen']): Promise<Installation> => {
  await using opened = new AsyncDisposableStack()
  const redis = await startRedis()
  opened.defer(() => redis.stop())
  const database = await startTestServer()
  opened.defer(() => database.stop())
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-store-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const store = await startDoubleProcess({ file: join(folder, 'events') })
  opened.defer(() => store.close())
  const line = await openFaultyProxy(store.port, createRandom(0), () => {})
  opened.defer(() => line.close())
  const stage = await openStage({
    database: { url: database.url },
    eventStoreUrl: `esdb://127.0.0.1:${line.port}?tls=false`,
    redisUrl: redis.url,
    apis: APIS,
    pace: PACE,
    seen,
  })
  opened.defer(() => stage.close())
  const apis = Array.from({ length: APIS }, (_, number) =>
    createEngineProcess('api', stage.apiEnv(number), stage.logFile),
  )
  const workers = Array.from({ length: WORKERS }, () =>
    createEngineProcess('worker', stage.env, stage.logFile),
  )
  const engine = [...apis, ...workers]
  opened.defer(async () => {
    await Promise.all(engine.map((part) => part.stop()))
  })
  const resources = opened.move()
  return {
    stage,
    engine,
    prepare: (disruption, runtime, random) => {
      switch (disruption) {
        case 'kill':
          return killOf(random.pick(workers), runtime)
        case 'kill api': {
          const api = random.pick(apis)
          return { hit: () => api.kill(), mend: () => api.start().then(() => []) }
        }
        case 'wipe':
          return instant(() => redis.restartEmpty())
        case 'cut store':
          return instant(async () => {
            line.set({ kind: 'down' })
            line.set(null)
          })
        case 'lose store':
          return { hit: () => store.kill(), mend: () => store.restart().then(() => []) }
        case 'restart database':
          return restartOf(runtime, stage.mails)
      }
    },
    close: () => resources.disposeAsync(),
  }
}

/**
 * An immediate shutdown, which is a crash to PostgreSQL: it recovers from its log. The one who started the server
 * starts it again at the same port.
 */
const restartOf = ({ pool }: Runtime, mails: MailSink): Strike => {
  let begun = ''
  let hitAt = 0
  const ask = async (): Promise<{ readonly pid: number; readonly begun: string } | undefined> => {
    const { rows } = await pool.query<{ pid: number; begun: string }>(
      `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid, pg_postmaster_start_time()::text as begun`,
    )
    return rows[0]
  }
  return {
    hit: async () => {
      const server = await ask()
      if (server === undefined) throw new Error('the server has no process')
      begun = server.begun
      hitAt = Date.now()
      process.kill(server.pid, 'SIGQUIT')
    },
    mend: async () => {
      for (;;) {
        const server = await ask().catch(() => undefined)
        if (server !== undefined && server.begun !== begun) break
        await delay(POLL_MILLIS)
      }
      // What was sent can't be written down while the database is away.
      return mails.received
        .filter(({ arrivedAt }) => arrivedAt >= hitAt - NOT_RECORDED_MILLIS)
        .map(({ messageId }) => messageId.slice(1, messageId.indexOf('@')))
    },
  }
}
