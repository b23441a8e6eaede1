import {
  type AccessPackageCommand,
  type Problem,
  problemsOfCreation,
  type Warning,
  warningsOf,
} from '@portcullis/domain'
import type { Caller } from '../caller.ts'
import { factsFrom, lookUp, nobodyBehind, resourcesToAdd, termsOf } from './packageFacts.ts'
import type { CommandTools } from './tools.ts'

/** What creating a package would come to, before anything is written (S17). */
export interface PackageValidation {
  /** Everything that creating would be refused for, in the order of the command; empty when it would be accepted. */
  readonly problems: readonly Problem[]
  readonly warnings: readonly Warning[]
  /** Resources that aren't in the catalog yet and would be added to it (S4). */
  readonly resourcesToAdd: readonly string[]
}

type Create = Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }>

/** The same facts and the same rules as creating: only nothing is written. */
export const validatePackage = async (
  tools: Pick<CommandTools, 'directory' | 'states' | 'now'>,
  command: Create,
  caller: Caller,
): Promise<PackageValidation> => {
  const state = await tools.states.package(command.packageId)
  const found = await lookUp(tools, command, caller, state)
  const joining = resourcesToAdd(caller, found)
  const context = { now: tools.now(), actor: caller.actor }
  const problems = problemsOfCreation(command, state, context, factsFrom(found, joining))
  // Who may not create there learns nothing of the directory.
  const closed = problems.some(({ path }) => path === 'catalogId')
  return {
    problems,
    warnings: warningsOf(command, closed ? [] : await nobodyBehind(tools, termsOf(command))),
    resourcesToAdd: joining,
  }
}
