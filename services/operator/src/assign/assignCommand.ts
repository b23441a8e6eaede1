import { EXIT } from '@portcullis/runtime'
import type { Command } from 'commander'
import { changing, outputOf, several } from '../cli/commandKinds.ts'
import { CommandFailed } from '../cli/output.ts'
import { readIds } from '../policy/inputFile.ts'
import { assignMany, assignOne } from './assign.ts'

/** Direct assignment (S18). */
export const addAssignCommand = (program: Command): void => {
  changing(
    program,
    'assign',
    'assign an access package to people, without requests of theirs',
    'assign marketing-basics --policy staff --subjects alice,carol --until 2027-03-31T18:00:00+02:00 --as bob',
  )
    .argument('<package>')
    .requiredOption('--policy <id>', 'the policy that governs them')
    .option('--subjects <people>', 'whom: a,b,c', several)
    .option('--file <path>', 'whom: a file with an id a line; - is standard input')
    .option('--from <instant>', 'when it starts, as 2027-01-01T09:00:00Z; now when absent')
    .option('--until <instant>', "when it ends; by the policy's rule when absent")
    .option('--why <text>', 'the justification, for the record')
    .action(async (packageId: string, flags) => {
      const subjects = await subjectsOf(flags)
      const terms = {
        packageId,
        policyId: flags.policy,
        startAt: flags.from,
        endAt: flags.until,
        justification: flags.why,
      }
      const [only] = subjects
      if (only === undefined) throw new CommandFailed('there is nobody to assign', EXIT.usage)
      await (subjects.length === 1
        ? assignOne(terms, only, flags, outputOf(flags))
        : assignMany(terms, subjects, flags, outputOf(flags)))
    })
}

const subjectsOf = async (flags: {
  readonly subjects?: readonly string[]
  readonly file?: string
}): Promise<readonly string[]> => {
  if ((flags.subjects === undefined) === (flags.file === undefined))
    throw new CommandFailed('say whom with either --subjects or --file', EXIT.usage)
  const ids = flags.file === undefined ? (flags.subjects ?? []) : await readIds(flags.file)
  return [...new Set(ids)]
}
