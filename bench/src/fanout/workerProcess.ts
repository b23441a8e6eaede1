// A worker in a process of its own, with an instant target in memory: tells what it has granted, and how much memory it
// takes.

import { createLogger } from '@portcullis/api'
import { createMemoryConnector } from '@portcullis/provisioning'
import { openRuntime, readConfig } from '@portcullis/runtime'
import { startWorker } from '@portcullis/worker'
import { CONNECTOR } from './organisation.ts'

/** What the worker tells its parent, ten times a second. */
export interface WorkerReport {
  readonly granted: number
  /** Most so far, MB. */
  readonly peakMemory: number
  /** So far, milliseconds. */
  readonly cpu: number
}

const TELL_MILLIS = 100

const connector = createMemoryConnector({ name: CONNECTOR })
const logger = createLogger('warn')
const runtime = await openRuntime(readConfig(process.env, process.cwd()), {
  log: logger,
  database: 'attach',
  swap: { connectors: new Map([[CONNECTOR, connector]]) },
})
const worker = await startWorker(runtime)
let peakMemory = 0
const tell = (): void => {
  peakMemory = Math.max(peakMemory, process.memoryUsage.rss() / 1024 / 1024)
  const { user, system } = process.cpuUsage()
  const report: WorkerReport = {
    granted: connector.size(),
    peakMemory,
    cpu: (user + system) / 1000,
  }
  if (process.connected) process.send?.(report)
}
const timer = setInterval(tell, TELL_MILLIS)
process.once('disconnect', async () => {
  clearInterval(timer)
  await worker.close()
  await runtime.close()
})
