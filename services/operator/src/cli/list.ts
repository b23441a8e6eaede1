import type { Output } from './output.ts'
import { localTime, oneLine } from './shownText.ts'
import { table } from './table.ts'

export interface ListFlags {
  readonly limit: number
}

/**
 * Prints the first items of a list, as a table for people and as one document for programs.
 * @param all the list, page after page
 * @param columns a title for each, and what an item has there
 * @param nothing the sentence for people when there are none
 */
export const printList = async <Item>(
  { limit }: ListFlags,
  output: Output,
  all: AsyncIterable<Item>,
  columns: Readonly<Record<string, (item: Item) => string | number | boolean | null>>,
  nothing: string,
): Promise<void> => {
  const items: Item[] = []
  let more = false
  for await (const item of all) {
    more = items.length === limit
    if (more) break
    items.push(item)
  }
  const text =
    items.length === 0
      ? nothing
      : table(
          Object.keys(columns),
          items.map((item) =>
            Object.values(columns).map((cell) => localTime(String(cell(item) ?? '-'))),
          ),
        )
  await output.print(text, { items, more })
  if (more) output.note(`There are more; --limit shows more than ${limit}.`)
}

/** One thing in full: a name and what it has, a line each; what is a list, indented beneath. */
export const facts = (
  lines: Readonly<Record<string, string | number | boolean | null | readonly string[]>>,
): string => {
  const width = Math.max(...Object.keys(lines).map((name) => name.length)) + 2
  return Object.entries(lines)
    .flatMap(([name, value]) => {
      if (typeof value !== 'object' || value === null)
        return [`${`${name}:`.padEnd(width)}${oneLine(localTime(String(value ?? '-')))}`]
      return value.length === 0
        ? [`${`${name}:`.padEnd(width)}none`]
        : [`${name}:`, ...value.map((line) => `  ${oneLine(line)}`)]
    })
    .join('\n')
}

interface Event {
  readonly at: string
  readonly type: string
  readonly actor: { readonly id: string }
  /** Of somebody who had signed in, rather than sent a token. */
  readonly authentication?: object | undefined
}

/** A history as a table. */
export const EVENT_COLUMNS: Readonly<Record<string, (event: Event) => string>> = {
  at: ({ at }) => at,
  event: ({ type }) => type,
  by: ({ actor }) => actor.id,
}

/** A history's events, a line each. */
export const historyLines = (history: readonly Event[]): readonly string[] =>
  history.map(
    ({ at, type, actor, authentication }) =>
      `${localTime(at)}  ${type}  by ${actor.id}${authentication === undefined ? '' : ', signed in'}`,
  )

/** How long an assignment lasts, for a sentence. */
export const lasting = (endAt: string | null | undefined): string =>
  endAt === null || endAt === undefined ? 'without an end' : `until ${localTime(endAt)}`

/** How many roles are delivered again, for a sentence. */
export const again = (roles: number): string =>
  roles === 1 ? 'one role is delivered again' : `${roles} roles are delivered again`

/** A resource role for people: its names, and the ids that are typed. */
export const roleName = ({
  resourceId,
  roleId,
  resourceName,
  roleName: name,
}: {
  readonly resourceId: string
  readonly roleId: string
  readonly resourceName: string | null
  readonly roleName: string | null
}): string =>
  resourceName === null || name === null
    ? `${resourceId}/${roleId}`
    : `${resourceName}: ${name} (${resourceId}/${roleId})`
