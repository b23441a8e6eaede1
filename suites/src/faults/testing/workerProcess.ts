import { createLogger } from '@portcullis/api'
import { addMillis } from '@portcullis/core'
import { openRuntime, readConfig, systemClock } from '@portcullis/runtime'
import { startWorker } from '@portcullis/worker'

// The worker as it is installed, in a process of its own that is killed; only its clock is ahead of the machine's, by
// as much as its parent says.
let ahead = Number(process.env.FAULTS_CLOCK_AHEAD_MILLIS)
const runtime = await openRuntime(readConfig(process.env, process.cwd()), {
  log: createLogger('warn'),
  clock: { now: () => addMillis(systemClock.now(), ahead) },
  database: 'attach',
})
const { parts } = await startWorker(runtime)
process.on('message', (message) => {
  ahead = Number(message)
  // What has fallen due by the jump is found now, not when the next sweep comes; that one finds it as well.
  parts.worker.sweepNow().catch(() => {})
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
