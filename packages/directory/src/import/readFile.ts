import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, messageOf } from '@portcullis/core'
import type { FileWatch } from './fileWatch.ts'
import { KINDS, type Kind, SINGLE } from './kinds.ts'
import { DirectoryImportError } from './problems.ts'
import type { RawEntry } from './rawEntry.ts'
import { readCsv } from './readCsv.ts'
import { readJson, readSingleJson } from './readJson.ts'

export interface SourceFile {
  readonly kind: Kind
  /** Its name without the folder. */
  readonly name: string
  /** Must it end with the end of a line? JSON that is cut off can't be read anyway. */
  readonly endsWithLine: boolean
  read(watch: FileWatch): AsyncGenerator<RawEntry>
}

const MIB = 1024 * 1024
/** CSV is read as a stream; a JSON file is held in memory as a whole. */
const LARGEST = { csv: 256 * MIB, json: 64 * MIB }

/**
 * The files of an import that are in a folder: `people.csv` or `people.json`, and so on.
 * @throws DirectoryImportError when there is none, one is there in both formats, or one is too large
 */
export const findFiles = async (folder: string): Promise<readonly SourceFile[]> => {
  const present = new Set(await listing(folder))
  const files: SourceFile[] = []
  const problems: { file: string; message: string }[] = []
  for (const kind of KINDS) {
    const csv = `${kind}.csv`
    const json = `${kind}.json`
    if (present.has(csv) && present.has(json)) {
      problems.push({ file: csv, message: `there is a ${json} too; leave one of them` })
      continue
    }
    for (const [format, name] of [['csv', csv] as const, ['json', json] as const]) {
      if (!present.has(name)) continue
      const path = join(folder, name)
      const { size } = await stat(path)
      if (size > LARGEST[format]) {
        const hint = format === 'json' ? `; a CSV file may have ${LARGEST.csv / MIB} MiB` : ''
        problems.push({ file: name, message: `is larger than ${LARGEST[format] / MIB} MiB${hint}` })
      }
      if (kind === SINGLE && format === 'csv') {
        problems.push({ file: name, message: `is one object, in JSON: name it ${json}` })
        continue
      }
      files.push({
        kind,
        name,
        endsWithLine: format === 'csv',
        read: (watch) => readerOf(kind, format, path, watch),
      })
    }
  }
  if (files.length === 0 && problems.length === 0) {
    const message = `holds none of ${KINDS.map((kind) => `${kind}${kind === SINGLE ? '' : '.csv/'}.json`).join(', ')}`
    problems.push({ file: folder, message })
  }
  if (problems.length > 0) throw new DirectoryImportError(problems, problems.length)
  return files
}

const readerOf = (
  kind: Kind,
  format: 'csv' | 'json',
  path: string,
  watch: FileWatch,
): AsyncGenerator<RawEntry> => {
  if (kind === SINGLE) return readSingleJson(path, watch)
  return format === 'csv' ? readCsv(path, kind, watch) : readJson(path, watch)
}

const listing = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder)
  } catch (error) {
    const message =
      codeOf(error) === 'ENOTDIR' ? 'is not a folder' : `can't be read: ${messageOf(error)}`
    throw new DirectoryImportError([{ file: folder, message }], 1)
  }
}
