import { once } from 'node:events'

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
    if (!process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`))
      await once(process.stdout, 'drain')
  },
  note: (text) => {
    if (!json) process.stderr.write(`${text}\n`)
  },
})

/** Exit codes: part of the command line's contract. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, held: 4 } as const

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

/** Columns narrower than this are never cut. */
const NARROW = 12
const GAP = '  '

/**
 * Rows as aligned columns.
 * @param room characters in a line; what doesn't fit is cut from the widest columns. Without it nothing is: programs and pipes get everything
 */
export const table = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  room: number | undefined = process.stdout.isTTY ? process.stdout.columns : undefined,
): string => {
  const wanted = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const widths = room === undefined ? wanted : fitted(wanted, room)
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd()
  return [line(header), ...rows.map(line)].join('\n')
}

const cut = (cell: string, width: number): string =>
  cell.length <= width ? cell : `${cell.slice(0, Math.max(0, width - 1))}…`

const fitted = (wanted: readonly number[], room: number): readonly number[] => {
  const widths = [...wanted]
  const gaps = GAP.length * (widths.length - 1)
  for (let over = widths.reduce((sum, width) => sum + width, gaps) - room; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths))
    const width = widths[widest] ?? 0
    if (width <= NARROW) return widths
    widths[widest] = width - 1
  }
  return widths
}
