import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../testing/commandLine.ts'
import { createProgram } from './program.ts'

interface Leaf {
  /** `catalog owners add` */
  readonly path: string
  readonly command: Command
}

/** Every command that does something: those that only hold others are left out. */
const leaves = (command: Command, path: readonly string[] = []): readonly Leaf[] =>
  command.commands.length === 0
    ? [{ path: path.join(' '), command }]
    : command.commands.flatMap((each) => leaves(each, [...path, each.name()]))

const all = leaves(createProgram())

/** What --help prints, examples included. */
const helpOf = (command: Command): string => {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
  })
  command.outputHelp()
  return text
}

const callsTheApi = ({ command }: Leaf): boolean =>
  command.options.some(({ long }) => long === '--url')

describe('the page of the command line', async () => {
  const page = await readFile(join(ROOT, 'docs', 'reference', 'command-line.md'), 'utf8')

  it.each(all)('knows $path with what it takes', ({ path, command }) => {
    const words = command.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : '[',
    )
    expect(page).toContain(`\`${[path, ...words].join(' ')}`)
    for (const { long } of command.options) expect(page).toMatch(new RegExp(`\`${long}[ \`]`))
  })
})

describe('help', () => {
  it.each(all.filter(callsTheApi))('of $path shows an example that it takes', async (leaf) => {
    const lines = /Example:\n(?<lines>.+)/s.exec(helpOf(leaf.command))?.groups?.lines ?? ''
    expect(lines).toContain(`  ./portcullis ${leaf.path} `)
    const words = wordsOf(lines.replaceAll('\\\n', ' ').replace('./portcullis', ''))
    await expect(parsedBy(words)).resolves.toBe(leaf.path)
  })
})

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

/** Which command these words would run. */
const parsedBy = async (words: readonly string[]): Promise<string> => {
  const program = createProgram()
  let ran = ''
  for (const { path, command } of leaves(program)) {
    command.exitOverride().action(() => {
      ran = path
    })
  }
  await program.parseAsync(words, { from: 'user' })
  return ran
}
