import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { EXIT } from '@portcullis/runtime'
import { parse, YAMLParseError } from 'yaml'
import { CommandFailed } from '../cli/output.ts'

export type Fields = Readonly<Record<string, unknown>>

/**
 * Reads an object from a JSON or YAML file.
 * @param path of the file; `-` is standard input
 * @throws CommandFailed (2) that names the file, and the line where it can't be read
 */
export const readInputFile = async (path: string): Promise<Fields> => {
  const content = await textOf(path)
  const value = parsed(path, content)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CommandFailed(
      `--file: ${path} must hold one object, such as "displayName: Web team"`,
      EXIT.usage,
    )
  return { ...value }
}

/** Reads one id a line; empty lines and what follows a `#` are left out. */
export const readIds = async (path: string): Promise<readonly string[]> =>
  (await textOf(path))
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '')

const textOf = (path: string): Promise<string> => {
  if (path === '-') return text(process.stdin)
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`--file: ${path} can't be read (${error.code})`, EXIT.usage)
  })
}

const parsed = (path: string, content: string): unknown => {
  try {
    // Every JSON document is a YAML document.
    return parse(content)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new CommandFailed(
      `--file: ${path} is neither JSON nor YAML: ${error.message.trim()}`,
      EXIT.usage,
    )
  }
}
