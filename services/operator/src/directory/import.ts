import type { Actor } from '@portcullis/core'
import {
  DirectoryImportError,
  DirectoryImportHeld,
  type ImportResult,
  importDirectory,
  type Removal,
} from '@portcullis/directory'
import { logImports } from '@portcullis/engine'
import type { Runtime } from '@portcullis/runtime'
import { EXIT } from '@portcullis/runtime'
import { configFrom, withRuntime } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'

interface Flags {
  readonly data?: string
  readonly as?: string
  readonly dryRun: boolean
  readonly allowRemovals: boolean
  readonly allowNoAdministrator: boolean
}

/**
 * Imports people, groups, resources and external directories from a folder of CSV or JSON files: all of it, or nothing.
 * Exit code 1 for mistakes in the files, 4 when more would go than may without a flag that says so; a dry run ends with
 * the same.
 */
export const importFolder = (folder: string, flags: Flags, output: Output): Promise<void> => {
  const config = configFrom(flags)
  return withRuntime(config, output, async (runtime) => {
    const { pool, clock, log } = runtime
    try {
      const result = await importDirectory(pool, folder, {
        now: clock.now(),
        actor: await importer(runtime, flags.as ?? process.env.PORTCULLIS_AS),
        limits: config.removals,
        allowRemovals: flags.allowRemovals,
        allowNoAdministrator: flags.allowNoAdministrator,
        dryRun: flags.dryRun,
        onProgress: ({ file, entries, step }) =>
          output.note(
            file !== undefined
              ? `${step} ${file}: ${entries}`
              : `${flags.dryRun && step === 'writing' ? 'trying, to be undone' : step} …`,
          ),
      })
      const { entries, removals, digest } = result
      if (!flags.dryRun) {
        const removed = removals.map(({ kind, count }) => ({ kind, count }))
        log.info({ entries, removed, digest }, 'the directory was imported')
        await logImports(runtime)
      }
      await output.print(textOf(result, flags.dryRun), { dryRun: flags.dryRun, ...result })
      if (result.holds.length > 0) throw held(new DirectoryImportHeld(result.holds, removals))
    } catch (error) {
      if (error instanceof DirectoryImportHeld) throw held(error)
      if (error instanceof DirectoryImportError)
        throw new CommandFailed(error.message, undefined, {
          code: error.code,
          problems: error.problems,
          total: error.total,
        })
      throw error
    }
  })
}

const held = ({ message, code, holds, removals }: DirectoryImportHeld): CommandFailed =>
  new CommandFailed(message, EXIT.held, { code, holds, removals })

/**
 * Anybody who can reach the database may import; who it was is theirs to say, and is asked of the directory where it
 * knows anybody.
 */
const importer = async ({ directory }: Runtime, id: string | undefined): Promise<Actor> => {
  if (id === undefined || id === '') return { kind: 'service', id: 'operator' }
  if ((await directory.person(id)) === undefined && (await directory.counts()).people > 0)
    throw new CommandFailed(`--as: the directory knows nobody with the id ${id}`, EXIT.usage)
  return { kind: 'user', id }
}

const textOf = ({ entries, removals }: ImportResult, dryRun: boolean): string => {
  const counts = Object.entries(entries).map(([kind, count]) => `${count} ${kind}`)
  const goes = (removal: Removal): string =>
    `  ${removal.count} of ${removal.of} ${dryRun ? removal.what : removal.done}: ${removal.names.join(', ')}${removal.count > removal.names.length ? ', …' : ''}`
  return [
    `${dryRun ? 'Checked, nothing written' : 'Imported'}: ${counts.join(', ')}.`,
    ...(removals.length === 0 ? ['Nothing goes by it.'] : removals.map(goes)),
  ].join('\n')
}
