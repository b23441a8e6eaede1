import { once } from 'node:events'
import { EXIT } from '@portcullis/runtime'
import { manyLines } from './shownText.ts'

/** What the command line prints: text for people, or one JSON document a line with --json. */
export interface Output {
  readonly json: boolean
  /** `text` for people, `value` for programs. */
  print(text: string, value: object): Promise<void>
  /** Progress and remarks: standard error, nothing with --json. */
  note(text: string): void
}

export const createOutput = (json: boolean): Output => ({
  json,
  print: async (text, value) => {
    // A reader that is slower than we are is waited for.
    if (!process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${manyLines(text)}\n`))
      await once(process.stdout, 'drain')
  },
  note: (text) => {
    if (!json) process.stderr.write(`${manyLines(text)}\n`)
  },
})

/** The command was carried out, and the answer is no; or it can't be carried out. Printed without a stack. */
export class CommandFailed extends Error {
  readonly exitCode: number
  readonly details: object
  constructor(message: string, exitCode: number = EXIT.failed, details: object = {}) {
    super(message)
    this.name = 'CommandFailed'
    this.exitCode = exitCode
    this.details = details
  }
}
