import width from 'string-width'
import { oneLine } from './shownText.ts'

const GAP = '  '

/**
 * Rows as aligned columns. Nothing is ever cut: what is too wide for the terminal goes on in the next line of its
 * column, at a space; where even the longest words don't fit beside each other, each row is a block of lines.
 * @param room characters in a line; without it everything is on one: programs and pipes get a line a row
 */
export const table = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  room: number | undefined = process.stdout.isTTY ? process.stdout.columns : undefined,
): string => {
  const all = [header, ...rows].map((row) => row.map(oneLine))
  const widest = (of: (cell: string) => number): readonly number[] =>
    header.map((_, column) => Math.max(...all.map((row) => of(row[column] ?? ''))))
  const wanted = widest(width)
  const widths = room === undefined ? wanted : fitted(wanted, widest(longestWord), room)
  if (widths === undefined) return blocks(all)
  return all.flatMap((row) => lines(row, widths)).join('\n')
}

const longestWord = (cell: string): number =>
  Math.max(...cell.split(' ').map((word) => width(word)))

/** The widest columns give way first, but never below their longest word; undefined when that isn't enough. */
const fitted = (
  wanted: readonly number[],
  least: readonly number[],
  room: number,
): readonly number[] | undefined => {
  const widths = [...wanted]
  const total = () => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1))
  while (total() > room) {
    const free = widths.map((each, column) => (each > (least[column] ?? 0) ? each : 0))
    const widest = Math.max(...free)
    if (widest === 0) return undefined
    widths[free.indexOf(widest)] = widest - 1
  }
  return widths
}

const lines = (row: readonly string[], widths: readonly number[]): readonly string[] => {
  const cells = row.map((cell, column) => wrapped(cell, widths[column] ?? 0))
  const height = Math.max(...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, column) => padded(cell[line] ?? '', widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  )
}

const padded = (text: string, to: number): string =>
  text + ' '.repeat(Math.max(0, to - width(text)))

const wrapped = (cell: string, to: number): readonly string[] => {
  if (width(cell) <= to) return [cell]
  const found: string[] = []
  let line: string | undefined
  for (const word of cell.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`
    if (line === undefined || width(longer) <= to) line = longer
    else {
      found.push(line)
      line = word
    }
  }
  return [...found, line ?? '']
}

const blocks = ([header = [], ...rows]: readonly (readonly string[])[]): string => {
  const margin = Math.max(...header.map((title) => width(title))) + 2
  return rows
    .map((row) =>
      header
        .map((title, column) => `${padded(`${title}:`, margin)}${row[column] ?? ''}`.trimEnd())
        .join('\n'),
    )
    .join('\n\n')
}
