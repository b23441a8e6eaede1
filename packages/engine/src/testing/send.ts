import { randomUUID } from 'node:crypto'
import type { PolicyTerms } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import type { Caller } from '../caller.ts'
import type { CommandAnswer } from '../commands/commandAnswer.ts'
import type { OutsideCommand } from '../commands/outsideCommand.ts'
import type { TestEngine } from './testEngine.ts'

export const user = (id: string): Caller => ({
  actor: { kind: 'user', id },
  directoryRoles: [],
})
export const service = (id: string, ...directoryRoles: Caller['directoryRoles']): Caller => ({
  actor: { kind: 'service', id },
  directoryRoles,
})

type Accepted = Extract<CommandAnswer, { ok: true }>

/** Sends as a user, or as the given caller, under a fresh command id unless one is given. */
export const execute = (
  engine: TestEngine,
  by: string | Caller,
  command: OutsideCommand,
  commandId: string = randomUUID(),
): Promise<CommandAnswer> =>
  engine.application.execute(command, {
    commandId,
    caller: typeof by === 'string' ? user(by) : by,
  })

/** Sends a command that must be accepted. */
export const send = async (
  ...[engine, by, command, commandId]: Parameters<typeof execute>
): Promise<Accepted> => {
  const answer = await execute(engine, by, command, commandId)
  if (!answer.ok) throw new Error(`${command.type}: ${answer.refusal.code}`)
  return answer
}

/** Sends a command that must be refused; gives back the refusal's code. */
export const refusalOf = async (
  ...[engine, by, command, commandId]: Parameters<typeof execute>
): Promise<string> => {
  const answer = await execute(engine, by, command, commandId)
  if (answer.ok) throw new Error(`${command.type} was accepted`)
  return answer.refusal.code
}

/** Terms without approval: a request starts an assignment at once. */
export const openTerms = (changes: Partial<PolicyTerms> = {}): PolicyTerms =>
  exampleTerms({ approval: { required: false }, ...changes })

export const roleOf = (text: string) => {
  const [resourceId = '', roleId = ''] = text.split('.')
  return { resourceId, roleId }
}

/** A package in the built-in catalog, with its resources brought in. Roles as in `wiki.member`. */
export const createPackage = async (
  engine: TestEngine,
  packageId: string,
  options: {
    readonly roles?: readonly string[]
    readonly terms?: PolicyTerms
    readonly catalogId?: string
    readonly by?: string
    readonly hidden?: boolean
  } = {},
): Promise<void> => {
  const { roles = ['wiki.member'], catalogId = 'default', by = 'admin', hidden = false } = options
  const resourceRoles = roles.map(roleOf)
  for (const { resourceId } of resourceRoles)
    await send(engine, 'admin', { type: 'AddResource', catalogId, resourceId })
  await send(engine, by, {
    type: 'CreateAccessPackage',
    packageId,
    catalogId,
    displayName: `Package ${packageId}`,
    description: '',
    hidden,
    resourceRoles,
    policies: [{ policyId: 'standard', enabled: true, terms: options.terms ?? openTerms() }],
  })
}

export const submit = (engine: TestEngine, packageId: string, subjectId: string) =>
  send(engine, subjectId, {
    type: 'SubmitRequest',
    packageId,
    subjectId,
    policyId: null,
    justification: null,
  })
