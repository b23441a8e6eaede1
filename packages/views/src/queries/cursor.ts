import type { Page } from '../rows.ts'

/** Which page of a list: `limit` rows after `cursor`, which is an earlier page's `next`. */
export interface PageRequest {
  /** 1 to 1,000. */
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The cursor isn't one that this list gave. Start again without one. */
export class BadCursor extends Error {
  readonly code = 'views.bad-cursor'
  constructor() {
    super('the cursor is not one that this list gave: leave it out to start from the first page')
    this.name = 'BadCursor'
  }
}

export class BadLimit extends Error {
  readonly code = 'views.bad-limit'
  constructor(limit: number) {
    super(`limit is ${limit}: it must be a whole number from 1 to 1000`)
    this.name = 'BadLimit'
  }
}

const encode = (list: string, seq: string): string =>
  Buffer.from(`${list} ${seq}`, 'utf8').toString('base64url')

const CURSOR = /^([a-z-]+) (\d{1,40})$/
/** A position has fewer: so many fit a bigint. */
const POSITION_DIGITS = 18

const decode = (list: string, cursor: string, digits: number): string => {
  const [, from, seq] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  if (from !== list || seq === undefined || seq.length > digits) throw new BadCursor()
  return seq
}

interface Listed {
  readonly seq: string
}

/** The row as it is answered. */
export const withoutSeq = <Row extends Listed>({ seq: _, ...view }: Row): Omit<Row, 'seq'> => view

/**
 * One page of a list that is ordered by `seq`, which never changes: no row is shown twice or left out because others
 * change meanwhile.
 * @param list names the list, so that a cursor of another one is recognised
 * @param query rows after that `seq` (null: from the first), at most `limit`, in the list's order
 * @param digits most that a `seq` of this list has
 * @throws BadCursor, BadLimit
 */
export const pageOf = async <Row extends Listed>(
  list: string,
  { limit, cursor }: PageRequest,
  query: (after: string | null, limit: number) => Promise<readonly Row[]>,
  digits = POSITION_DIGITS,
): Promise<Page<Omit<Row, 'seq'>>> => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new BadLimit(limit)
  const rows = await query(cursor === undefined ? null : decode(list, cursor, digits), limit + 1)
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(withoutSeq),
    next: last === undefined ? null : encode(list, last.seq),
  }
}
