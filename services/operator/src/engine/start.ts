import { createLogger, startApi, startProbes } from '@portcullis/api'
import { runEngine } from '@portcullis/runtime'
import { startWorker } from '@portcullis/worker'
import { configFrom } from '../cli/context.ts'
import type { Output } from '../cli/output.ts'
import { loadSampleOnce } from '../sample/loadSample.ts'
import { welcome } from '../sample/welcome.ts'

export interface StartFlags {
  readonly data?: string
  readonly sample: boolean
}

/** What one process runs. */
export type Part = 'all' | 'api' | 'worker'

/** Runs the engine, or a part of it, until SIGINT or SIGTERM. */
export const start = async (part: Part, flags: StartFlags, output: Output): Promise<void> => {
  const config = configFrom(flags)
  const logger = createLogger(config.logLevel)
  await runEngine({
    config,
    log: logger,
    database: part === 'all' ? 'own' : 'attach',
    listen:
      part === 'worker'
        ? { kind: 'probes', start: (runtime, monitor) => startProbes(runtime, logger, monitor) }
        : { kind: 'api', start: (runtime, monitor) => startApi(runtime, logger, monitor) },
    ...(part === 'api' ? {} : { work: startWorker }),
    started: async (runtime, url) => {
      // A database of one's own is for one's own people.
      if (flags.sample && config.databaseUrl === undefined) await loadSampleOnce(runtime, output)
      if (part === 'worker') {
        const text = `The worker runs; its probes are at ${url}. Stop with Ctrl-C.`
        return output.print(text, { event: 'started', part, probes: url })
      }
      const greeting = await welcome(runtime, url)
      await output.print(greeting.text, greeting.value)
    },
    note: (text) => output.note(text),
  })
}
