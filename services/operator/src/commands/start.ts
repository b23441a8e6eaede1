import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createLogger, startApi } from '@portcullis/api'
import { dataPaths, openRuntime } from '@portcullis/runtime'
import { startWorker } from '@portcullis/worker'
import { configFrom } from '../context.ts'
import type { Output } from '../output.ts'
import { loadSampleOnce } from '../sample/loadSample.ts'
import { welcome } from '../sample/welcome.ts'

export interface StartFlags {
  readonly data?: string
  readonly sample: boolean
}

/** What one process runs. */
export type Part = 'all' | 'api' | 'worker'

/**
 * Runs the engine until SIGINT or SIGTERM, then stops gracefully: no new requests, jobs under way finish or go back, the database last.
 * A second signal ends at once.
 */
export const start = async (part: Part, flags: StartFlags, output: Output): Promise<void> => {
  const config = configFrom(flags)
  const logger = createLogger(config.logLevel)
  const stopped = stopSignal()
  output.note(`Starting on the data in ${config.dataDir} …`)
  const runtime = await openRuntime(config, {
    log: logger,
    database: part === 'all' ? 'own' : 'attach',
  })
  const closers: (() => Promise<void>)[] = [() => runtime.close()]
  try {
    if (part !== 'api') {
      const worker = await startWorker(runtime)
      closers.unshift(() => worker.close())
    }
    if (flags.sample) await loadSampleOnce(runtime, output)
    if (part !== 'worker') {
      const api = await startApi(runtime, logger)
      closers.unshift(() => api.close())
      const { address } = dataPaths(config.dataDir)
      await writeFile(address, `${api.url}\n`)
      closers.unshift(() => rm(address, { force: true }))
      const greeting = await welcome(runtime, api.url)
      await output.print(greeting.text, greeting.value)
    } else {
      await output.print('The worker runs. Stop with Ctrl-C.', { event: 'started', part })
    }
    await stopped
    output.note('Stopping: what is under way is finished first …')
  } finally {
    for (const close of closers) await close()
  }
  output.note('Stopped. Everything is kept; start again with the same command.')
}

const stopSignal = async (): Promise<void> => {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(SECOND_SIGNAL))
}

/** As a shell reports a process that SIGINT ended. */
const SECOND_SIGNAL = 130
