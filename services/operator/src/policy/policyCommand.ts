import type { Input } from '@portcullis/client'
import { EXIT } from '@portcullis/runtime'
import type { Command } from 'commander'
import { change, connect } from '../cli/client.ts'
import { asking, changing, group, outputOf } from '../cli/commandKinds.ts'
import { facts } from '../cli/list.ts'
import { CommandFailed } from '../cli/output.ts'
import { table } from '../cli/table.ts'
import { approvalText, expirationText, requestorsText, termsLines } from './describe.ts'
import { readInputFile } from './inputFile.ts'
import { type PolicyFlags, saysPolicy, termsFrom } from './policyFlags.ts'
import { withPolicyOptions } from './policyOptions.ts'

type NewPolicy = Omit<Input<'addPolicy'>, 'packageId'>

/** A new policy, from a file or from options. A file holds the terms, or `id`, `enabled` and `terms`. */
export const newPolicyFrom = async (
  flags: PolicyFlags & {
    readonly file?: string
    readonly policyId?: string
    readonly disabled?: boolean
  },
): Promise<NewPolicy> => {
  const more = {
    ...(flags.policyId === undefined ? {} : { id: flags.policyId }),
    ...(flags.disabled === true ? { enabled: false } : {}),
  }
  if (flags.file === undefined) return { ...more, terms: termsFrom(flags) }
  onlyFile(flags)
  const fields = await readInputFile(flags.file)
  // The API says what is wrong with it, field by field.
  return { ...('terms' in fields ? fields : { terms: fields }), ...more } as NewPolicy
}

const onlyFile = (flags: PolicyFlags): void => {
  if (saysPolicy(flags))
    throw new CommandFailed("--file can't go with options that say the policy's terms", EXIT.usage)
}

/** Who may request an access package, how it is approved, when it ends (S7, S16). */
export const addPolicyCommands = (program: Command): void => {
  const policy = group(program, 'policy', 'who may request, how it is approved, when it ends')

  asking(policy, 'list', "an access package's policies", 'policy list marketing-basics --as alice')
    .argument('<package>')
    .action(async (packageId: string, flags) => {
      const { policies } = await (await connect(flags)).getAccessPackage({ packageId })
      const rows = policies.map(({ id, version, enabled, terms }) => [
        id,
        `v${version}`,
        enabled ? 'yes' : 'no',
        requestorsText(terms),
        approvalText(terms),
        expirationText(terms),
      ])
      const header = ['policy', 'version', 'enabled', 'for', 'approval', 'ends']
      const text = rows.length === 0 ? 'It has no policy yet.' : table(header, rows)
      await outputOf(flags).print(text, { items: policies })
    })

  asking(policy, 'show', 'what a policy says', 'policy show marketing-basics staff --as alice')
    .argument('<package>')
    .argument('<policy>')
    .action(async (packageId: string, policyId: string, flags) => {
      const found = await policyOf(await connect(flags), packageId, policyId)
      const text = facts({
        Policy: `${found.id} of ${packageId}, version ${found.version}`,
        Name: found.terms.displayName,
        Description: found.terms.description,
        Enabled: found.enabled ? 'yes' : 'no',
        ...termsLines(found.terms),
      })
      await outputOf(flags).print(text, found)
    })

  withPolicyOptions(
    changing(
      policy,
      'add',
      'add a policy to an access package',
      'policy add fair-kit --policy-id crew --policy-name Crew --for-group marketing \\\n    --approver-user bob --expires-after-days 30 --as alice',
    ),
  )
    .argument('<package>')
    .option('--policy-id <id>', 'its id; made up when absent')
    .option('--disabled', 'not requestable until it is enabled')
    .option('--file <path>', 'the terms from a JSON or YAML file; - is standard input')
    .action((packageId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        async (client, options) =>
          client.addPolicy({ packageId, ...(await newPolicyFrom(flags)) }, options),
        ({ policyId }) => `Policy ${policyId} is added to ${packageId}.`,
      ),
    )

  withPolicyOptions(
    changing(
      policy,
      'change',
      "change a policy's terms; what isn't named stays, and so does what exists already",
      'policy change fair-kit crew --approval-days 3 --as alice',
    ),
  )
    .argument('<package>')
    .argument('<policy>')
    .option('--file <path>', 'all terms anew from a JSON or YAML file; - is standard input')
    .action((packageId: string, policyId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        async (client, options) => {
          const terms = await changedTerms(client, packageId, policyId, flags)
          return client.changePolicy({ packageId, policyId, terms }, options)
        },
        () => `Policy ${policyId} of ${packageId} is changed, for new accesses.`,
      ),
    )

  switches(policy)
  ending(policy)
}

const policyOf = async (
  client: Awaited<ReturnType<typeof connect>>,
  packageId: string,
  policyId: string,
) => {
  const { policies } = await client.getAccessPackage({ packageId })
  const found = policies.find(({ id }) => id === policyId)
  if (found !== undefined) return found
  throw new CommandFailed(
    `${packageId} has no policy ${policyId}; it has ${policies.map(({ id }) => id).join(', ') || 'none'}`,
  )
}

const changedTerms = async (
  client: Awaited<ReturnType<typeof connect>>,
  packageId: string,
  policyId: string,
  flags: PolicyFlags & { readonly file?: string },
): Promise<Input<'changePolicy'>['terms']> => {
  if (flags.file !== undefined) return (await newPolicyFrom({ ...flags, file: flags.file })).terms
  if (!saysPolicy(flags))
    throw new CommandFailed('say what to change, with options or with --file', EXIT.usage)
  return termsFrom(flags, (await policyOf(client, packageId, policyId)).terms)
}

const switches = (policy: Command): void => {
  for (const [verb, method] of [
    ['enable', 'enablePolicy'],
    ['disable', 'disablePolicy'],
  ] as const)
    changing(policy, verb, `${verb} a policy`, `policy ${verb} fair-kit crew --as alice`)
      .argument('<package>')
      .argument('<policy>')
      .action((packageId: string, policyId: string, flags) =>
        change(
          flags,
          outputOf(flags),
          (client, options) => client[method]({ packageId, policyId }, options),
          () => `Policy ${policyId} of ${packageId} is ${verb}d.`,
        ),
      )
}

const ending = (policy: Command): void => {
  changing(
    policy,
    'remove',
    'remove a policy that governs nothing pending or active',
    'policy remove fair-kit crew --as alice',
  )
    .argument('<package>')
    .argument('<policy>')
    .action((packageId: string, policyId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.removePolicy({ packageId, policyId }, options),
        () => `Policy ${policyId} of ${packageId} is removed.`,
      ),
    )
  asking(
    policy,
    'versions',
    'what a policy says and has said, since when and by whom',
    'policy versions fair-kit crew --as alice',
  )
    .argument('<package>')
    .argument('<policy>')
    .action(async (packageId: string, policyId: string, flags) => {
      const answer = await (await connect(flags)).listPolicyVersions({ packageId, policyId })
      const rows = answer.items.map(({ version, since, by, terms }) => [
        `v${version}`,
        since,
        by.id,
        requestorsText(terms),
        approvalText(terms),
        expirationText(terms),
      ])
      const header = ['version', 'since', 'by', 'for', 'approval', 'ends']
      await outputOf(flags).print(table(header, rows), answer)
    })
}
