import type { Command } from 'commander'
import { type ClientFlags, connect } from '../cli/client.ts'
import { asking, outputOf } from '../cli/commandKinds.ts'

/** What failed, tried again at any age (S21): everything, or of one package. */
export const addReprocessCommand = (program: Command): void => {
  asking(
    program,
    'reprocess',
    'try again now everything that failed, or all that failed of one access package',
    'reprocess --package marketing-basics --as alice',
  )
    .option('--package <package>', 'only of this one')
    .action(async (flags: ClientFlags & { readonly json: boolean; readonly package?: string }) => {
      const client = await connect(flags)
      const output = outputOf(flags)
      const packageId = flags.package
      let retriedRoles = 0
      let after: string | undefined
      do {
        const page = after === undefined ? {} : { after }
        const answer =
          packageId === undefined
            ? await client.reprocessEverything(page)
            : await client.reprocessPackage({ packageId, ...page })
        retriedRoles += answer.retriedRoles ?? 0
        after = answer.next ?? undefined
        if (after !== undefined)
          output.note(`${retriedRoles} are tried again, ${answer.left ?? 0} are left …`)
      } while (after !== undefined)
      const text =
        retriedRoles === 0
          ? 'Nothing has failed.'
          : `${retriedRoles} resource role${retriedRoles === 1 ? ' is' : 's are'} tried again.`
      await output.print(text, { packageId: packageId ?? null, retriedRoles })
    })
}
