import { createLogger, startProbes } from '@portcullis/api'
import { runService } from '@portcullis/runtime'
import { startWorker } from './startWorker.ts'

process.exitCode = await runService((config) => {
  const log = createLogger(config.logLevel)
  return {
    log,
    listen: { kind: 'probes', start: (runtime, monitor) => startProbes(runtime, log, monitor) },
    work: startWorker,
  }
})
