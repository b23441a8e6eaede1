import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { codeOf, messageOf } from '@portcullis/core'
import { csvHead, csvLines, unguarded } from '@portcullis/csv'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { ConnectorError } from '../connector.ts'
import type { Membership } from './membership.ts'

const membershipSchema = z.strictObject({
  resource: z.string().min(1),
  role: z.string().min(1),
  subject: z.string().min(1),
  since: z.iso.datetime(),
})
const COLUMNS = ['resource', 'role', 'subject', 'since'] as const

export type MembershipFormat = 'json' | 'csv'

/**
 * The format by the file's extension.
 * @throws ConnectorError `file.unknown-format`
 */
export const formatOf = (path: string): MembershipFormat => {
  const extension = extname(path).toLowerCase()
  if (extension === '.json') return 'json'
  if (extension === '.csv') return 'csv'
  throw new ConnectorError(
    'file.unknown-format',
    `${path}: a membership file ends in .json or .csv`,
    { transient: false },
  )
}

/**
 * The memberships in a file; none when there is no such file yet.
 * @throws ConnectorError `file.unreadable` naming the line or entry that is wrong; `file.io` when the disk refuses
 */
export const readMemberships = async (path: string): Promise<readonly Membership[]> => {
  const format = formatOf(path)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw ioError(path, error)
  }
  if (text.trim() === '') return []
  return format === 'json' ? parseJson(path, text) : parseCsv(path, text)
}

/**
 * Makes the folder that the file is in.
 * @throws ConnectorError `file.io`
 */
export const makeFolderOf = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true })
  } catch (error) {
    throw ioError(path, error)
  }
}

/**
 * Replaces the file as a whole, durable before the promise resolves: a reader sees the old or the new text, never a
 * part.
 * The caller holds the file's lock, so that one temporary name is enough and a crash leaves at most one behind.
 * @throws ConnectorError `file.io`
 */
export const writeMemberships = async (
  path: string,
  memberships: readonly Membership[],
): Promise<void> => {
  const text = formatOf(path) === 'json' ? formatJson(memberships) : formatCsv(memberships)
  const temporary = `${path}.tmp`
  try {
    const file = await open(temporary, 'w', 0o640)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    throw ioError(path, error)
  }
}

const formatJson = (memberships: readonly Membership[]): string =>
  memberships.length === 0
    ? '[]\n'
    : `[\n${memberships.map((line) => `  ${JSON.stringify(line)}`).join(',\n')}\n]\n`

const parseJson = (path: string, text: string): readonly Membership[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unreadable(path, `not JSON: ${messageOf(error)}`)
  }
  if (!Array.isArray(value)) throw unreadable(path, 'not a JSON array')
  return value.map((entry, index) => parseLine(path, `entry ${index + 1}`, entry))
}

const CSV_COLUMNS = COLUMNS.map((name) => ({ name, of: (line: Membership) => line[name] }))

const formatCsv = (memberships: readonly Membership[]): string =>
  csvHead(CSV_COLUMNS) + csvLines(CSV_COLUMNS, memberships)

/** Also what was written when only what began with a formula got an apostrophe, and few texts were quoted. */
const parseCsv = (path: string, text: string): readonly Membership[] => {
  let rows: readonly { readonly record: Record<string, string>; readonly info: { lines: number } }[]
  try {
    rows = parse(text, { bom: true, columns: true, info: true, skip_empty_lines: true })
  } catch (error) {
    throw unreadable(path, messageOf(error))
  }
  return rows.map(({ record, info }) =>
    parseLine(
      path,
      `line ${info.lines}`,
      Object.fromEntries(
        Object.entries(record).map(([column, value]) => [column, unguarded(value)]),
      ),
    ),
  )
}

const parseLine = (path: string, place: string, value: unknown): Membership => {
  const parsed = membershipSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw unreadable(path, `${place}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'invalid'}`)
}

const unreadable = (path: string, what: string): ConnectorError =>
  new ConnectorError(
    'file.unreadable',
    `${path}: ${what}; correct the file or move it away, then reprocess`,
    { transient: false },
  )

const LASTING = ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENOENT']

/** Rights and wrong paths stay until somebody changes them; a full disk or a failing one may pass. */
const ioError = (path: string, error: unknown): ConnectorError =>
  new ConnectorError('file.io', `${path}: the disk refused (${codeOf(error) ?? 'unknown'})`, {
    transient: !LASTING.includes(codeOf(error) ?? 'unknown'),
  })

/** Makes the rename itself durable; systems that can't open a folder (Windows) do so on their own. */
const syncFolder = async (path: string): Promise<void> => {
  let folder: Awaited<ReturnType<typeof open>>
  try {
    folder = await open(path, 'r')
  } catch {
    return
  }
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
