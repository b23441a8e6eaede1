import { migrateAsOwner } from '@portcullis/runtime'
import { configFrom, noteLog, withRuntime } from '../cli/context.ts'
import type { Output } from '../cli/output.ts'

/**
 * Brings all tables up to date without running anything: those of the log as their owner where MIGRATION_DATABASE_URL
 * names one, the others as the engine's role.
 */
export const migrate = async (flags: { readonly data?: string }, output: Output): Promise<void> => {
  const config = configFrom(flags)
  const owned = await migrateAsOwner(config, noteLog(output))
  await withRuntime(config, output, async () => {}, 'own')
  await output.print(
    owned === undefined
      ? 'The tables are up to date.'
      : `The tables are up to date. Those of the log belong to the user of MIGRATION_DATABASE_URL; ${owned.engine} reads and appends.`,
    { upToDate: true, engine: owned?.engine ?? null },
  )
}
