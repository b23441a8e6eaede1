import { EmbeddedPostgresError } from '@portcullis/embedded-postgres'
import { errorText, type Log } from '@portcullis/engine'
import { type Config, EXIT, openRuntime, type Runtime, readConfig } from '@portcullis/runtime'
import { CommandFailed, type Output } from './output.ts'

/** Configuration from the environment, with what flags say instead. */
export const configFrom = (flags: { readonly data?: string }): Config =>
  readConfig(
    flags.data === undefined ? process.env : { ...process.env, PORTCULLIS_DATA: flags.data },
    process.cwd(),
  )

/** A log for commands that aren't a service: warnings and errors as notes. */
export const noteLog = (output: Output): Log => ({
  debug: () => {},
  info: () => {},
  warn: (_data, message) => output.note(message),
  error: (data, message) => output.note(`${message} ${'error' in data ? String(data.error) : ''}`),
})

/** Runs `work` on the database that a running engine, or DATABASE_URL, offers. */
export const withRuntime = async <Result>(
  config: Config,
  output: Output,
  work: (runtime: Runtime) => Promise<Result>,
  database: 'own' | 'attach' = 'attach',
): Promise<Result> => {
  const runtime = await openRuntime(config, { log: noteLog(output), database }).catch(
    (error: unknown) => {
      if (error instanceof EmbeddedPostgresError && error.code === 'embedded-postgres.not-running')
        throw new CommandFailed(errorText(error), EXIT.unreachable, { code: error.code })
      throw error
    },
  )
  try {
    return await work(runtime)
  } finally {
    await runtime.close()
  }
}
