import { stringify } from 'csv-stringify/sync'

/** One column of a file: its name, and what it shows of a row. */
export interface CsvColumn<Row> {
  readonly name: string
  readonly of: (row: Row) => string | number | boolean | null
}

/** Several values in one cell. */
export const listed = (values: readonly string[]): string => values.join('; ')

/** Spreadsheets skip white space before they look whether a cell is a formula (OWASP, "CSV Injection"); the library looks at the very first character. */
const HIDDEN_FORMULA = /^\s+[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^\n/u

const OPTIONS = {
  record_delimiter: '\r\n',
  quote_record_delimiter: true,
  escape_formulas: true,
  cast: {
    boolean: (value: boolean) => String(value),
    string: (value: string) => (HIDDEN_FORMULA.test(value) ? `'${value}` : value),
  },
}

/** Rows as lines of RFC 4180. Cells that a spreadsheet would take for a formula begin with an apostrophe. */
export const csvLines = <Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string =>
  stringify(
    rows.map((row) => columns.map((column) => column.of(row))),
    OPTIONS,
  )

/** How a file begins: the byte order mark, by which spreadsheets know UTF-8, and the names of the columns. */
export const csvHead = <Row>(columns: readonly CsvColumn<Row>[]): string =>
  `\uFEFF${stringify([columns.map(({ name }) => name)], OPTIONS)}`
