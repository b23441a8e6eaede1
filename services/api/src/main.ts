import { runService } from '@portcullis/runtime'
import { SigningKeyError } from './authentication/signingKey.ts'
import { createLogger } from './logger.ts'
import { startApi } from './startApi.ts'

process.exitCode = await runService(
  (config) => {
    const log = createLogger(config.logLevel)
    return {
      log,
      listen: { kind: 'api', start: (runtime, monitor) => startApi(runtime, log, monitor) },
    }
  },
  (error) => error instanceof SigningKeyError,
)
