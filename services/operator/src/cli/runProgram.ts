import { SigningKeyError } from '@portcullis/api'
import { EmbeddedPostgresError } from '@portcullis/embedded-postgres'
import { errorText } from '@portcullis/engine'
import { NoConnection } from '@portcullis/postgres'
import { ConnectorsConfigError } from '@portcullis/provisioning'
import { ConfigError, DatabaseUnreachable, EventStoreUnreachable } from '@portcullis/runtime'
import { CommanderError } from 'commander'
import { z } from 'zod'
import { asCommandFailure } from './client.ts'
import { CommandFailed, EXIT } from './output.ts'
import { createProgram } from './program.ts'

/**
 * Runs one command to its end; what it says goes to standard output, what goes wrong to standard error.
 * @param words what is typed behind `portcullis`
 * @returns the exit code
 */
export const runProgram = async (words: readonly string[]): Promise<number> => {
  try {
    await createProgram().parseAsync(words, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return report(error, words.includes('--json'))
  }
}

/** What goes wrong, in one line where it can be said in one; the exit code tells programs. */
const report = (thrown: unknown, json: boolean): number => {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage
  const error = asCommandFailure(thrown)
  const [exitCode, details] = exitOf(error)
  const message = error instanceof z.ZodError ? z.prettifyError(error) : errorText(error)
  process.stderr.write(
    json ? `${JSON.stringify({ error: { message, ...details } })}\n` : `portcullis: ${message}\n`,
  )
  return exitCode
}

const exitOf = (error: unknown): readonly [number, object] => {
  if (error instanceof CommandFailed) return [error.exitCode, error.details]
  const usage = [ConfigError, ConnectorsConfigError, SigningKeyError, z.ZodError]
  const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {}
  if (usage.some((kind) => error instanceof kind)) return [EXIT.usage, code]
  const unreachable = [
    EmbeddedPostgresError,
    DatabaseUnreachable,
    EventStoreUnreachable,
    NoConnection,
  ]
  return [unreachable.some((kind) => error instanceof kind) ? EXIT.unreachable : EXIT.failed, code]
}
