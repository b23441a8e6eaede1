import { basename, resolve } from 'node:path'
import type { Actor, Instant } from '@portcullis/core'
import { inTransaction, LOCK, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import type { z } from 'zod'
import { DirectoryImportHeld, type Hold, holdsOf } from './brake.ts'
import { checkStages } from './checks.ts'
import { watchFile } from './fileWatch.ts'
import { digestOf, noteImport, type ReadFile } from './importLedger.ts'
import type { Kind } from './kinds.ts'
import { DEFAULT_LIMITS, type RemovalLimits } from './limits.ts'
import { mergeStages } from './merge.ts'
import { gatherProblems, type Problems } from './problems.ts'
import { findFiles, type SourceFile } from './readFile.ts'
import { type Removal, takeStock } from './removals.ts'
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
  /** Checks everything and writes nothing. What would keep it from being written is in the result. */
  readonly dryRun?: boolean
  /**
   * The time of the import: since when somebody is disabled, and which memberships still count. The machine's unless
   * given.
   */
  readonly now?: Instant
  /** Who imports, as the log names them. */
  readonly actor?: Actor
  /** How much may go without being allowed. */
  readonly limits?: RemovalLimits
  /** Lets it take away as much as the files say. */
  readonly allowRemovals?: boolean
  /** Lets it leave nobody enabled who is User administrator. */
  readonly allowNoAdministrator?: boolean
}

export interface ImportResult {
  /** Entries of each file that was there. */
  readonly entries: { readonly [K in Kind]?: number }
  /** People who were enabled and aren't any longer: missing from the people file, or said there to be disabled. */
  readonly disabled: number
  /** Everything that goes by it, of every kind. */
  readonly removals: readonly Removal[]
  /** What would have stopped it; only a dry run has any. */
  readonly holds: readonly Hold[]
  /** SHA-256 of the files, see {@link digestOf}. */
  readonly digest: string
}

const PROGRESS_EVERY = 10_000
const NOBODY: Actor = { kind: 'system', id: 'import' }

/**
 * Imports a folder of files into the directory: all of it, or, when anything is wrong, nothing. Two imports never mix.
 * The files and what they do are described in `docs/reference/directory-files.md`.
 * What it did is noted for the log in the same transaction, see `importLedger.ts`.
 * @param folder with `people`, `groups`, `memberships`, `resources`, `resource-roles`, `resource-owners`,
 *   `external-directories`, each `.csv` or `.json`, and `collaboration.json`; those that are missing leave their part
 *   as it is
 * @throws DirectoryImportError with file and line of every mistake (the first 100)
 * @throws DirectoryImportHeld where more would go than may without being allowed
 */
export const importDirectory = async (
  pool: pg.Pool,
  folder: string,
  options: ImportOptions = {},
): Promise<ImportResult> => {
  const report = options.onProgress ?? (() => {})
  const now = options.now ?? new Date().toISOString()
  const limits = options.limits ?? DEFAULT_LIMITS
  const allowed = {
    removals: options.allowRemovals === true,
    noAdministrator: options.allowNoAdministrator === true,
  }
  const files = await findFiles(folder)
  const kinds = new Set(files.map((file) => file.kind))
  let result: ImportResult | undefined
  const run = async (sql: Sql): Promise<void> => {
    await sql.query('select pg_advisory_xact_lock($1)', [LOCK.directoryImport])
    await createStages(sql)
    const problems = gatherProblems()
    const stager = createStager(sql)
    const read: ReadFile[] = []
    for (const file of files) read.push(await readInto(stager, file, problems, report))
    problems.throwIfAny()
    report({ step: 'checking', entries: 0 })
    await analyseStages(sql)
    await checkStages(sql, kinds, problems)
    problems.throwIfAny()
    report({ step: 'writing', entries: 0 })
    const stock = await takeStock(sql, kinds, now, limits)
    await mergeStages(sql, kinds, now)
    const removals = await stock.compare()
    const holds = holdsOf(removals, await stock.administrators(), read, limits, allowed)
    if (holds.length > 0 && options.dryRun !== true) throw new DirectoryImportHeld(holds, removals)
    const entries = Object.fromEntries(read.map((file) => [file.kind, file.entries]))
    const disabled = removals.find(({ kind }) => kind === 'people')?.count ?? 0
    const digest = digestOf(read)
    result = { entries, disabled, removals, holds, digest }
    if (options.dryRun === true) throw new DryRun()
    await stock.remember(allowed.removals)
    const actor = options.actor ?? NOBODY
    await noteImport(sql, {
      at: now,
      actor,
      source: basename(resolve(folder)),
      read,
      digest,
      removals,
      allowed,
    })
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
): Promise<ReadFile> => {
  let entries = 0
  const watch = watchFile()
  for await (const raw of file.read(watch)) {
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
  const { kind, name, endsWithLine } = file
  const { digest, endsLine } = watch.sum()
  return { kind, name, entries, digest, ended: endsLine || !endsWithLine }
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
