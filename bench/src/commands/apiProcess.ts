// The API in a process of its own, as the bench starts it: the configuration is in the environment, the address goes to
// the parent.
import { createLogger, startApi } from '@portcullis/api'
import { openRuntime, readConfig } from '@portcullis/runtime'

const logger = createLogger('warn')
const config = readConfig(process.env, process.cwd())
const runtime = await openRuntime(config, { log: logger, database: 'attach' })
const api = await startApi(runtime, logger)
process.once('disconnect', async () => {
  await api.close()
  await runtime.close()
})
process.send?.(api.url)
