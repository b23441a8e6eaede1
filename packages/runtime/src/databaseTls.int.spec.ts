import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_WORKER_SETTINGS, silentLog } from '@portcullis/engine'
import { testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from './config.ts'
import { openMonitor } from './monitor/monitor.ts'
import { openRuntime } from './runtime.ts'
import { opensslMissing, startTlsDatabase, type TlsDatabase } from './testing/tlsDatabase.ts'

const missing = opensslMissing()
const WAIT = { timeout: 60_000, interval: 20 }

describe.skipIf(missing !== undefined)(
  `PostgreSQL over TLS${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let database: TlsDatabase
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portcullis-tls-data-'))
      database = await startTlsDatabase()
    })
    afterAll(async () => {
      await database?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const open = (parameters: string, change: (url: string) => string = (url) => url) =>
      openRuntime(
        readConfig(
          {
            DATABASE_URL: `${change(database.url)}${parameters}`,
            PORTCULLIS_DATA: 'data',
            PORTCULLIS_QUEUE_BOARD: 'on',
          },
          folder,
        ),
        { log: silentLog, database: 'attach' },
      )

    it('refuses a server whose certificate an unknown authority has signed', async () => {
      for (const parameters of [
        `?sslmode=verify-full&sslrootcert=${database.otherAuthority}`,
        // Authorities that the system knows.
        '?sslmode=verify-full',
        '?sslmode=require',
      ])
        await expect(open(parameters), parameters).rejects.toMatchObject({
          name: 'DatabaseUnreachable',
          message: expect.stringMatching(/^DATABASE_URL: .*sslrootcert/),
        })
    })

    it('refuses a server by another name than its certificate has', async () => {
      await expect(
        open(`?sslmode=verify-full&sslrootcert=${database.authority}`, (url) =>
          url.replace('localhost', '127.0.0.1'),
        ),
      ).rejects.toMatchObject({
        name: 'DatabaseUnreachable',
        message: expect.stringMatching(
          /^DATABASE_URL: .*127\.0\.0\.1 is not in the cert.*by a name that is in its certificate/,
        ),
      })
    })

    it('tells of a file of authorities that is not there', async () => {
      await expect(
        open(`?sslmode=verify-full&sslrootcert=${folder}/none.pem`),
      ).rejects.toMatchObject({
        name: 'DatabaseUnreachable',
        message: expect.stringContaining(`${folder}/none.pem`),
      })
    })

    it('is not done without where the server has none', async () => {
      const plain = await testDatabase()
      onTestFinished(() => plain.close())
      await expect(open('?sslmode=verify-full', () => plain.url)).rejects.toMatchObject({
        name: 'DatabaseUnreachable',
        message: expect.stringContaining('does not support SSL'),
      })
    })

    it('is what every connection of the engine uses, the queue’s and the log’s too', async () => {
      const runtime = await open(`?sslmode=verify-full&sslrootcert=${database.authority}`)
      onTestFinished(() => runtime.close())
      const monitor = await openMonitor(runtime, {
        serves: { api: true, worker: true },
        jobs: () => undefined,
      })
      onTestFinished(() => monitor.close())
      const parts = await runtime.worker(DEFAULT_WORKER_SETTINGS)
      const stopping = new AbortController()
      const running = parts.worker.run(stopping.signal)
      onTestFinished(async () => {
        stopping.abort()
        await parts.close(0)
        await running
      })
      await monitor.facts()
      await vi.waitFor(async () => {
        const { rows } = await database.pool.query<{ name: string; ssl: boolean }>(
          `select distinct application_name as name, ssl from pg_stat_activity join pg_stat_ssl using (pid)
           where usename = 'engine' order by name`,
        )
        expect(rows).toEqual(
          [
            'portcullis',
            'portcullis events',
            'portcullis events append',
            'portcullis events notifications',
            'portcullis monitor',
            'portcullis-jobs',
          ].map((name) => ({ name, ssl: true })),
        )
      }, WAIT)
    })
  },
)
