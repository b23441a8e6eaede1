import { runProgram } from '../cli/runProgram.ts'
import type { Ran } from './commandLine.ts'

/**
 * Runs a command to its end in this process, by what `portcullis` itself runs: the same as {@link runCommand} without a
 * second or two of loading for each.
 * One at a time: environment and output are the process's own. A few commands of each spec file are still typed, so
 * that the program as a whole is shown too.
 */
export const runHere = async (words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> => {
  const before = { ...process.env }
  const { stdout, stderr } = process
  const [writeOut, writeErr] = [stdout.write, stderr.write]
  const texts = { stdout: '', stderr: '' }
  const keep =
    (name: keyof typeof texts): typeof stdout.write =>
    (chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      texts[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      const then = typeof encoding === 'function' ? encoding : done
      if (typeof then === 'function') process.nextTick(() => then())
      return true
    }
  setEnvironment(env)
  stdout.write = keep('stdout')
  stderr.write = keep('stderr')
  try {
    const code = await runProgram(words)
    return { code, ...texts }
  } finally {
    stdout.write = writeOut
    stderr.write = writeErr
    setEnvironment(before)
  }
}

const setEnvironment = (env: NodeJS.ProcessEnv): void => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  for (const [name, value] of Object.entries(env))
    if (value !== undefined) process.env[name] = value
}

const WORD = /'([^']*)'|"([^"$`\\]*)"|([^\s'"|&;<>$`\\()*?~]+)/y

/** The words of a line as a shell would take them; undefined where it takes a shell (pipes, variables, globs). */
export const wordsOf = (line: string): readonly string[] | undefined => {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < line.length; ) {
    if (line[at] === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
      at += 1
      continue
    }
    WORD.lastIndex = at
    const found = WORD.exec(line)
    if (found === null) return undefined
    word = `${word ?? ''}${found[1] ?? found[2] ?? found[3]}`
    at = WORD.lastIndex
  }
  return word === undefined ? words : [...words, word]
}
