import { DirectoryImportError, importDirectory } from '@portcullis/directory'
import { configFrom, withRuntime } from '../context.ts'
import { CommandFailed, type Output } from '../output.ts'

/** Imports people, groups, resources and external directories from a folder of CSV or JSON files: all of it, or nothing. */
export const importFolder = (
  folder: string,
  flags: { readonly data?: string; readonly dryRun: boolean },
  output: Output,
): Promise<void> =>
  withRuntime(configFrom(flags), output, async ({ pool }) => {
    try {
      const result = await importDirectory(pool, folder, {
        dryRun: flags.dryRun,
        onProgress: ({ file, entries, step }) =>
          output.note(
            file !== undefined
              ? `${step} ${file}: ${entries}`
              : `${flags.dryRun && step === 'writing' ? 'trying, to be undone' : step} …`,
          ),
      })
      const counts = Object.entries(result.entries).map(([kind, count]) => `${count} ${kind}`)
      await output.print(
        `${flags.dryRun ? 'Checked, nothing written' : 'Imported'}: ${counts.join(', ')}; ${result.disabled} people disabled.`,
        { dryRun: flags.dryRun, ...result },
      )
    } catch (error) {
      if (error instanceof DirectoryImportError)
        throw new CommandFailed(error.message, undefined, {
          code: error.code,
          problems: error.problems,
          total: error.total,
        })
      throw error
    }
  })
