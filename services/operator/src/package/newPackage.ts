import type { Input } from '@portcullis/client'
import { EXIT } from '@portcullis/runtime'
import type { Command } from 'commander'
import { several } from '../cli/commandKinds.ts'
import { CommandFailed } from '../cli/output.ts'
import { readInputFile } from '../policy/inputFile.ts'
import { type PolicyFlags, saysPolicy, termsFrom } from '../policy/policyFlags.ts'
import { withPolicyOptions } from '../policy/policyOptions.ts'

type NewPackage = Input<'createAccessPackage'>

interface NewPackageFlags extends PolicyFlags {
  readonly file?: string
  readonly name?: string
  readonly id?: string
  readonly catalog?: string
  readonly description?: string
  readonly hidden?: boolean
  readonly role?: readonly string[]
  readonly policyId?: string
  readonly disabled?: boolean
}

/** `resource/role`, as the roles of a package are written everywhere here. */
export const roleFrom = (
  text: string,
): { readonly resourceId: string; readonly roleId: string } => {
  const [resourceId, roleId, ...more] = text.split('/')
  if (resourceId && roleId && more.length === 0) return { resourceId, roleId }
  throw new CommandFailed(`${text} is not a role, such as marketing-site/member`, EXIT.usage)
}

/** A whole new package, from a file or from options; what options say of the package itself goes before the file. */
export const newPackageFrom = async (flags: NewPackageFlags): Promise<NewPackage> => {
  const fields = flags.file === undefined ? {} : await readInputFile(flags.file)
  if (flags.file !== undefined && saysPolicy(flags))
    throw new CommandFailed("--file can't go with options that say a policy's terms", EXIT.usage)
  const said = {
    id: flags.id,
    catalogId: flags.catalog,
    displayName: flags.name,
    description: flags.description,
    hidden: flags.hidden,
    resourceRoles: flags.role?.map(roleFrom),
    policies: saysPolicy(flags)
      ? [{ id: flags.policyId, enabled: flags.disabled !== true, terms: termsFrom(flags) }]
      : undefined,
  }
  const given = Object.entries(said).filter(([, value]) => value !== undefined)
  const all = { ...fields, ...Object.fromEntries(given) }
  if (flags.file === undefined && flags.name === undefined)
    throw new CommandFailed('name the package with --name <text>, or give a --file', EXIT.usage)
  // The API says what is wrong with it, field by field.
  return all as NewPackage
}

export const withPackageOptions = (command: Command): Command =>
  withPolicyOptions(
    command
      .option('--name <text>', 'its display name')
      .option('--id <id>', 'its id; made up when absent')
      .option('--catalog <catalog>', 'the catalog that it is put in (default)')
      .option('--description <text>', 'what it is for; requestors see it')
      .option('--hidden', 'not listed; who has the link may request it')
      .option('--role <resource/role>', 'what it confers; several with commas', several)
      .option('--file <path>', 'the whole package from a JSON or YAML file; - is standard input')
      .option('--policy-id <id>', "the first policy's id; made up when absent")
      .option('--disabled', 'the first policy is not enabled yet'),
  )
