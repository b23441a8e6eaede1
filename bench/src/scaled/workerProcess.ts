// A worker in a process of its own, with an instant target in memory, as the bench starts it.
import { createLogger } from '@portcullis/api'
import { createMemoryConnector } from '@portcullis/provisioning'
import { openRuntime, readConfig } from '@portcullis/runtime'
import { startWorker } from '@portcullis/worker'

/** Of the resource in `commands/organisation.ts`. */
const CONNECTOR = 'file'

const runtime = await openRuntime(readConfig(process.env, process.cwd()), {
  log: createLogger('error'),
  database: 'attach',
  swap: { connectors: new Map([[CONNECTOR, createMemoryConnector({ name: CONNECTOR })]]) },
})
const worker = await startWorker(runtime)
process.once('disconnect', async () => {
  await worker.close()
  await runtime.close()
  process.exit()
})
process.send?.('ready')
