import type { Command } from 'commander'
import { connect } from '../cli/client.ts'
import { asking, outputOf } from '../cli/commandKinds.ts'

/** Which policies were looked at for somebody, and what each said (S7, S9). */
export const addWhyCommand = (program: Command): void => {
  asking(
    program,
    'why',
    'which policies let somebody request an access package, and why or why not',
    'why marketing-basics --subject carol --as alice',
  )
    .argument('<package>')
    .option('--subject <person>', 'whom it is about; yourself when absent')
    .action(async (packageId: string, flags) => {
      const client = await connect(flags)
      const answer = await client.whyAccessPackage({ packageId, subjectId: flags.subject })
      const { subjectName, subjectId, packageName, mayRequest, refusal, policies } = answer
      const verdict = mayRequest ? 'may request' : 'may not request'
      await outputOf(flags).print(
        [
          `${subjectName ?? subjectId} ${verdict} ${packageName}.`,
          ...policies.map(({ sentence }) => `  ${sentence}`),
          ...(refusal === null ? [] : [`${refusal.message} (${refusal.code})`]),
        ].join('\n'),
        answer,
      )
    })
}
