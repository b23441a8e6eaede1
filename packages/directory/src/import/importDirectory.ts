import { inTransaction, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import type { z } from 'zod'
import { checkStages } from './checks.ts'
import type { Kind } from './kinds.ts'
import { mergeStages } from './merge.ts'
import { gatherProblems, type Problems } from './problems.ts'
import { findFiles, type SourceFile } from './readFile.ts'
import { analyseStages, createStager, createStages, type Stager } from './staging.ts'

export interface ImportProgress {
  /** The file being read; undefined while references are checked and rows are written. */
  readonly file?: string
  /** Entries read of it so far. */
  readonly entries: number
  readonly step: 'reading' | 'checking' | 'writing'
}

export interface ImportOptions {
  readonly onProgress?: (progress: ImportProgress) => void
  /** Checks everything and writes nothing. */
  readonly dryRun?: boolean
}

export interface ImportResult {
  /** Entries of each file that was there. */
  readonly entries: { readonly [K in Kind]?: number }
  /** People who were enabled and are missing from the people file. */
  readonly disabled: number
}

const LOCK = 7_274_011_010
const PROGRESS_EVERY = 10_000

/**
 * Imports a folder of files into the directory: all of it, or, when anything is wrong, nothing. Two imports never mix.
 * The files and what they do are described in `docs/reference/directory-files.md`.
 * @param folder with `people`, `groups`, `memberships`, `resources`, `resource-roles`, `resource-owners`, `external-directories`, each `.csv` or `.json`, and `collaboration.json`; those that are missing leave their part as it is
 * @throws DirectoryImportError with file and line of every mistake (the first 100)
 */
export const importDirectory = async (
  pool: pg.Pool,
  folder: string,
  options: ImportOptions = {},
): Promise<ImportResult> => {
  const report = options.onProgress ?? (() => {})
  const files = await findFiles(folder)
  const kinds = new Set(files.map((file) => file.kind))
  let result: ImportResult | undefined
  const run = async (sql: Sql): Promise<void> => {
    await sql.query('select pg_advisory_xact_lock($1)', [LOCK])
    await createStages(sql)
    const problems = gatherProblems()
    const stager = createStager(sql)
    const entries: { [K in Kind]?: number } = {}
    for (const file of files) entries[file.kind] = await readInto(stager, file, problems, report)
    problems.throwIfAny()
    report({ step: 'checking', entries: 0 })
    await analyseStages(sql)
    await checkStages(sql, kinds, problems)
    problems.throwIfAny()
    report({ step: 'writing', entries: 0 })
    const { disabled } = await mergeStages(sql, kinds)
    result = { entries, disabled }
    if (options.dryRun === true) throw new DryRun()
  }
  try {
    await inTransaction(pool, run)
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
  }
  if (result === undefined) throw new Error('an import ended without a result')
  return result
}

/** Undoes the transaction of an import that was only a check. */
class DryRun extends Error {}

const readInto = async (
  stager: Stager,
  file: SourceFile,
  problems: Problems,
  report: (progress: ImportProgress) => void,
): Promise<number> => {
  let entries = 0
  for await (const raw of file.read()) {
    entries += 1
    if (entries % PROGRESS_EVERY === 0) report({ step: 'reading', file: file.name, entries })
    if ('problem' in raw) {
      problems.add({ file: file.name, ...withLine(raw.line), message: raw.problem })
      continue
    }
    for (const issue of await stager.add(file.kind, file.name, raw.line, raw.value)) {
      problems.add({ file: file.name, line: raw.line, message: issueText(issue, raw.value) })
    }
  }
  await stager.flush()
  report({ step: 'reading', file: file.name, entries })
  return entries
}

const withLine = (line: number | undefined) => (line === undefined ? {} : { line })

const issueText = (issue: z.core.$ZodIssue, entry: unknown): string => {
  const field = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return `${field === '' ? '' : `${field}: `}unknown field ${issue.keys.join(', ')}`
  }
  if (field === '') return 'is not an object: { … }'
  return `${field}: ${isGiven(entry, issue.path) ? issue.message : 'is missing'}`
}

const isGiven = (entry: unknown, path: readonly PropertyKey[]): boolean => {
  let value = entry
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false
    value = Reflect.get(value, key)
  }
  return value !== undefined
}
