import { SigningKeyError } from '@portcullis/api'
import { errorText } from '@portcullis/engine'
import { EXIT, exitCodeOf } from '@portcullis/runtime'
import { CommanderError } from 'commander'
import { z } from 'zod'
import { asCommandFailure } from './client.ts'
import { CommandFailed } from './output.ts'
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
  const wrong = error instanceof SigningKeyError || error instanceof z.ZodError
  const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {}
  return [wrong ? EXIT.usage : exitCodeOf(error), code]
}
