import { readFile } from 'node:fs/promises'
import { messageOf } from '@portcullis/core'
import type { FileWatch } from './fileWatch.ts'
import type { RawEntry } from './rawEntry.ts'

/** Reads a JSON file (UTF-8): an array of objects. Yields each with the line on which it starts, or one problem. */
export async function* readJson(path: string, watch: FileWatch): AsyncGenerator<RawEntry> {
  const read = await parseFile(path, watch)
  if ('problem' in read) {
    yield read
    return
  }
  const { text, value: values } = read
  if (!Array.isArray(values)) {
    yield { line: 1, problem: 'must hold an array of objects: [ { … }, { … } ]' }
    return
  }
  const lines = linesOfElements(text)
  for (const [index, value] of values.entries()) yield { line: lines[index] ?? 1, value }
}

/** Reads a JSON file (UTF-8) that holds a single object. Yields it, or one problem. */
export async function* readSingleJson(path: string, watch: FileWatch): AsyncGenerator<RawEntry> {
  const read = await parseFile(path, watch)
  yield 'problem' in read ? read : { line: 1, value: read.value }
}

type Problem = Extract<RawEntry, { readonly problem: string }>

const parseFile = async (
  path: string,
  watch: FileWatch,
): Promise<{ readonly text: string; readonly value: unknown } | Problem> => {
  let text: string
  try {
    const bytes = await readFile(path)
    watch.see(bytes)
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { problem: 'is not UTF-8 text' }
  }
  try {
    return { text, value: JSON.parse(text) }
  } catch (error) {
    const message = messageOf(error)
    const line = /\(line (\d+) column \d+\)/.exec(message)?.[1]
    return {
      ...(line === undefined ? {} : { line: Number(line) }),
      problem: `not readable as JSON: ${message}`,
    }
  }
}

/** The lines (from 1) on which the elements of the outermost array of a valid JSON text start. */
export const linesOfElements = (text: string): readonly number[] => {
  const lines: number[] = []
  let line = 1
  let depth = 0
  let expected = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at)
    if (character === 0x0a) line += 1
    if (character <= 0x20) continue
    if (expected && character !== CLOSE_ARRAY) {
      lines.push(line)
      expected = false
    }
    if (character === QUOTE) at = endOfString(text, at)
    else if (character === OPEN_ARRAY || character === OPEN_OBJECT) {
      depth += 1
      if (depth === 1) expected = true
    } else if (character === CLOSE_ARRAY || character === CLOSE_OBJECT) depth -= 1
    else if (character === COMMA && depth === 1) expected = true
  }
  return lines
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (text.charCodeAt(at) !== QUOTE && at < text.length) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  }
  return at
}
