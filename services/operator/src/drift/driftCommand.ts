import type { Command } from 'commander'
import { changing, count, group, listing, outputOf } from '../cli/commandKinds.ts'
import { reportDrift, scanForDrift } from './drift.ts'

/** Targets compared with grants. */
export const addDriftCommands = (program: Command): void => {
  const drift = group(
    program,
    'drift',
    'who has access in a target that no grant gives, or lacks it',
  )

  changing(
    drift,
    'scan',
    'compare a resource’s target with the grants now, and wait for what it comes to',
    'drift scan marketing-site --dry-run --as alice',
  )
    .argument('<resource>')
    .option(
      '--dry-run',
      'say what would be recorded, granted again and taken away; change nothing',
      false,
    )
    .option('--no-wait', 'end as soon as it is queued')
    .option('--limit <count>', 'findings to print at most', count, 100)
    .action((resourceId: string, flags) => scanForDrift(resourceId, flags, outputOf(flags)))

  listing(
    drift,
    'report',
    'the last scan of each resource, or of one with what it found; ends with 1 when there is drift, or no scan could be done',
    'drift report --as alice',
  )
    .argument('[resource]')
    .action((resourceId: string | undefined, flags) =>
      reportDrift(resourceId, flags, outputOf(flags)),
    )
}
