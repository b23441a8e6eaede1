import { createProgram } from '@portcullis/operator'
import { configDefaults, SECRETS } from '@portcullis/runtime'

const VARIABLES = new Set([
  ...Object.keys(configDefaults),
  ...SECRETS.map((name) => `${name}_FILE`),
])

/** @returns those of the names that no process reads */
export const variableProblems = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !VARIABLES.has(name))

/** @returns the words, where they begin with no command of the command line */
export const commandProblems = (words: readonly string[]): readonly string[] => {
  let at = createProgram()
  let found = false
  for (const word of words) {
    const next = at.commands.find((each) => each.name() === word)
    if (next === undefined) break
    at = next
    found = true
  }
  const complete = found && (at.commands.length === 0 || at.registeredArguments.length > 0)
  return complete ? [] : [words.join(' ')]
}
