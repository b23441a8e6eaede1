/**
 * Rows of an RFC 4180 file by the names of its first row. A reader of our own, so that the writer's library isn't its
 * own judge.
 */
export const readCsv = (text: string): readonly Readonly<Record<string, string>>[] => {
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy
  const rows: string[][] = [[]]
  const body = text.replace(/^\uFEFF/, '')
  while (cells.lastIndex < body.length) {
    const match = cells.exec(body)
    if (match === null) throw new Error(`not RFC 4180: ${body.slice(0, 200)}`)
    const [, quoted, plain = '', end] = match
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n' && cells.lastIndex < body.length) rows.push([])
  }
  const [names = [], ...rest] = rows
  return rest.map((row) => {
    if (row.length !== names.length) throw new Error(`${row.length} cells: ${row.join('|')}`)
    return Object.fromEntries(names.map((name, index) => [name, row[index] ?? '']))
  })
}
