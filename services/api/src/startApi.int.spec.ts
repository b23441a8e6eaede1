import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRuntime, readConfig } from '@portcullis/runtime'
import { openInstallation } from '@portcullis/runtime/testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createLogger } from './logger.ts'
import { startApi } from './startApi.ts'

it('leaves no connection open when it can not listen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-api-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const installation = await openInstallation()
  onTestFinished(() => installation.close())
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const logger = createLogger('silent')
  const config = readConfig(
    {
      ...installation.env,
      PORTCULLIS_DATA: 'data',
      PORTCULLIS_PORT: String(port),
      PORTCULLIS_QUEUE_BOARD: 'on',
    },
    folder,
  )
  const runtime = await openRuntime(config, { log: logger, database: 'attach' })
  onTestFinished(() => runtime.close())
  await expect(startApi(runtime, logger)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  // The server may learn of an end a moment later. Less than after which idle ones are closed by themselves.
  await vi.waitFor(
    async () => {
      const { rows } = await runtime.pool.query<{ name: string }>(
        `select distinct application_name as name from pg_stat_activity
         where datname = current_database() and application_name in ('portcullis monitor', 'portcullis-jobs')`,
      )
      expect(rows).toEqual([])
    },
    { timeout: 5_000, interval: 20 },
  )
})
