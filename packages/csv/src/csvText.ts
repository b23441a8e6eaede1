import { stringify } from 'csv-stringify/sync'
import { guarded } from './guard.ts'

/** One column of a file: its name, plain words of ours, and what it shows of a row. */
export interface CsvColumn<Row> {
  readonly name: string
  readonly of: (row: Row) => string | number | boolean | null
}

/** Several values in one cell. */
export const listed = (values: readonly string[]): string => values.join('; ')

const OPTIONS = {
  record_delimiter: '\r\n',
  quoted_string: true,
  cast: {
    boolean: (value: boolean) => ({ value: String(value), quoted_string: false }),
    string: guarded,
  },
}

/**
 * Rows as lines of RFC 4180: every text in quotes, numbers, booleans and what is missing without.
 * No text holds what a spreadsheet would take for a formula, whichever separator it reads by: see `guarded`.
 */
export const csvLines = <Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string =>
  stringify(
    rows.map((row) => columns.map((column) => column.of(row))),
    OPTIONS,
  )

/** The line with the names of the columns. */
export const csvHead = <Row>(columns: readonly CsvColumn<Row>[]): string =>
  `${columns.map(({ name }) => name).join(',')}\r\n`
