import { type Command, InvalidArgumentError, Option } from 'commander'
import { createOutput, type Output } from './output.ts'

/** A subcommand with the options that all have. */
export const command = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .option('--json', 'one JSON document a line instead of text', false)
    .option('--data <folder>', 'the data folder (PORTCULLIS_DATA)')

/** A group of subcommands. */
export const group = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description)

/** Lines that are typed; those that begin with a space go on with the line before. */
const example = (lines: string): string =>
  `\nExample:\n${lines.replace(/^(?! )/gm, './portcullis ').replace(/^/gm, '  ')}`

/** A subcommand that asks the HTTP API. */
export const asking = (
  parent: Command,
  name: string,
  description: string,
  lines: string,
): Command =>
  command(parent, name, description)
    .option('--as <person>', 'who asks (PORTCULLIS_AS)')
    .option('--token <token>', 'a token instead (PORTCULLIS_TOKEN)')
    .option('--url <address>', 'where the API is, if not on this machine')
    .addHelpText('after', example(lines))

/** A subcommand that asks the HTTP API for a list. */
export const listing = (
  parent: Command,
  name: string,
  description: string,
  lines: string,
): Command =>
  asking(parent, name, description, lines).option('--limit <count>', 'how many at most', count, 100)

/** A subcommand that sends one command to the HTTP API. */
export const changing = (
  parent: Command,
  name: string,
  description: string,
  lines: string,
): Command =>
  asking(parent, name, description, lines).option(
    '--command-id <uuid>',
    'the id of this command: sent twice, it happens once',
    uuid,
  )

export const count = (text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number <= 0)
    throw new InvalidArgumentError('It is not a whole number above 0.')
  return number
}

export const uuid = (text: string): string => {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text
  throw new InvalidArgumentError('It is not a UUID.')
}

/** Several at once: `a,b`, or the option more than once. */
export const several = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
]

/** An option that takes one or several of the given words: `Active,Expired`. */
export const someOf = (flags: string, description: string, words: readonly string[]): Option =>
  new Option(flags, `${description}: ${words.join(', ')}`).argParser(
    (text: string, before: readonly string[] | undefined) => {
      const chosen = several(text, before)
      const wrong = chosen.find((each) => !words.includes(each))
      if (wrong !== undefined)
        throw new InvalidArgumentError(`${wrong} is not one of ${words.join(', ')}.`)
      return chosen
    },
  )

export const outputOf = (flags: { readonly json: boolean }): Output => createOutput(flags.json)
