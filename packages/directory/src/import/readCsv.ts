import { createReadStream } from 'node:fs'
import { CsvError, parse } from 'csv-parse'
import type { FileWatch } from './fileWatch.ts'
import { type ColumnType, columns, type ListKind } from './kinds.ts'
import type { RawEntry } from './rawEntry.ts'

/** A longer record is a missing quotation mark rather than data. */
const MAX_RECORD_CHARACTERS = 65_536

interface Column {
  readonly name: string
  readonly type: ColumnType
}

/**
 * Reads a CSV file (RFC 4180, UTF-8, comma, first line with the names of the columns) record by record.
 * Yields a problem instead of a value for a record that can't be read; after a broken header or quotation mark that's
 * the last one.
 */
export async function* readCsv(
  path: string,
  kind: ListKind,
  watch: FileWatch,
): AsyncGenerator<RawEntry> {
  const input = createReadStream(path)
  // A stream tells its listeners of an error, and its pipe of nothing.
  input.on('error', (error) => parser.destroy(error))
  input.on('data', (bytes) => watch.see(typeof bytes === 'string' ? Buffer.from(bytes) : bytes))
  const parser = input.pipe(
    parse({
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_CHARACTERS,
      info: true,
    }),
  )
  let header: readonly Column[] | undefined
  let line = 1
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      // The parser tells the line on which the record ends; text in quotation marks may span several.
      const start = line
      line = info.lines + 1
      if (header === undefined) {
        const read = readHeader(record, kind)
        if (typeof read === 'string') {
          yield { line: start, problem: read }
          return
        }
        header = read
      } else if (record.length !== header.length) {
        const problem = `${record.length} fields, but ${header.length} columns (a comma in a text needs quotation marks around the text)`
        yield { line: start, problem }
      } else {
        yield { line: start, value: toEntry(record, header) }
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const at = typeof error.lines === 'number' ? error.lines : line
    yield { line: at, problem: `not readable as CSV: ${error.message}` }
    return
  }
  if (header === undefined) yield { problem: 'is empty; the first line names the columns' }
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

const readHeader = (record: readonly string[], kind: ListKind): readonly Column[] | string => {
  const known = columns[kind]
  const names = record.map((text) => text.trim())
  const unknown = names.filter((name) => !Object.hasOwn(known, name))
  const missing = Object.keys(known).filter(
    (name) => known[name]?.required === true && !names.includes(name),
  )
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  const wrong = [
    unknown.length > 0 && `unknown column ${unknown.join(', ')}`,
    missing.length > 0 && `missing column ${missing.join(', ')}`,
    twice.length > 0 && `column ${twice.join(', ')} is there twice`,
  ].filter((text) => text !== false)
  if (wrong.length > 0) {
    return `${wrong.join('; ')}; the columns are ${Object.keys(known).join(', ')}`
  }
  return names.map((name) => ({ name, type: known[name]?.type ?? 'text' }))
}

/** An empty field is one that isn't given. */
const toEntry = (record: readonly string[], header: readonly Column[]): object =>
  Object.fromEntries(
    header.flatMap(({ name, type }, index) => {
      const text = record[index] ?? ''
      return text === '' ? [] : [[name, cellValue(text, type)]]
    }),
  )

const cellValue = (text: string, type: ColumnType): unknown => {
  if (type === 'list') return text.trim().split(/\s+/)
  if (type === 'flag') {
    const lower = text.trim().toLowerCase()
    return lower === 'true' ? true : lower === 'false' ? false : text
  }
  return text
}
