import { errorText } from '@portcullis/engine'
import { type Config, readConfig } from '../config.ts'
import { EXIT, exitCodeOf } from './exitCodes.ts'
import { type EngineProcess, runEngine } from './runEngine.ts'

/**
 * A service's `main.ts`: configuration from the environment, its log on standard output, what ended it on standard
 * error.
 * @param parts made of the configuration; it attaches to the database, which is there before services are
 * @param isMisused more errors that wrong configuration is to blame for
 * @returns the exit code
 */
export const runService = async (
  parts: (config: Config) => Pick<EngineProcess, 'log' | 'listen' | 'work'>,
  isMisused: (error: unknown) => boolean = () => false,
): Promise<number> => {
  try {
    const config = readConfig(process.env, process.cwd())
    const service = parts(config)
    await runEngine({
      ...service,
      config,
      database: 'attach',
      started: async (_runtime, url) => service.log.info({ url }, 'started'),
      note: (text) => service.log.info({}, text),
    })
    return EXIT.ok
  } catch (error) {
    process.stderr.write(`portcullis: ${errorText(error)}\n`)
    return isMisused(error) ? EXIT.usage : exitCodeOf(error)
  }
}
