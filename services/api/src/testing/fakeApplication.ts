import { idSchema } from '@portcullis/core'
import {
  assignmentIdSchema,
  type DirectoryRole,
  justificationSchema,
  policyTermsSchema,
  requestIdSchema,
  textSchema,
} from '@portcullis/domain'
import type { Application, Caller, CommandAnswer, OutsideCommand } from '@portcullis/engine'
import { z } from 'zod'

export interface SentCommand {
  readonly command: OutsideCommand
  readonly commandId: string
  readonly correlationId: string | undefined
  readonly caller: Caller
}

/** An application that keeps the commands it gets, and answers each query with nothing unless told otherwise. */
export const fakeApplication = (
  overrides: Partial<Application> = {},
): Application & { readonly sent: readonly SentCommand[] } => {
  const sent: SentCommand[] = []
  const nothing = async () => ({ items: [], next: null })
  return {
    sent,
    execute: async (command, { commandId, correlationId, caller }): Promise<CommandAnswer> => {
      commandSchema.parse(command)
      sent.push({ command, commandId, correlationId, caller })
      return { ok: true, commandId, position: 7n, repeated: false, result: resultOf(command) }
    },
    waitFor: async () => {},
    whoAmI: async ({ actor }) =>
      actor.kind === 'user'
        ? { person: person(actor.id), groupIds: ['all-staff'] }
        : { person: null, groupIds: [] },
    catalogs: nothing,
    catalog: async () => undefined,
    packages: nothing,
    package: async () => undefined,
    requestable: nothing,
    why: async () => undefined,
    requests: nothing,
    request: async () => undefined,
    assignments: nothing,
    assignment: async () => undefined,
    projections: async () => [],
    ...overrides,
  }
}

export const person = (id: string, directoryRoles: readonly DirectoryRole[] = []) => ({
  id,
  userName: id,
  displayName: `Person ${id}`,
  email: `${id}@example.org`,
  enabled: true,
  locale: 'en',
  zone: null,
  externalDirectoryId: null,
  directoryRoles,
})

const resultOf = (command: OutsideCommand) => ({
  ...('catalogId' in command ? { catalogId: command.catalogId } : {}),
  ...('packageId' in command ? { packageId: command.packageId } : {}),
  ...(command.type === 'SubmitRequest'
    ? { requestId: `${command.packageId}.${command.subjectId}.r1`, status: 'PendingApproval' }
    : {}),
})

const id = idSchema
const roles = { resourceId: idSchema, roleId: idSchema }
const named = { displayName: textSchema(1, 256), description: textSchema(0, 2000) }
const text = justificationSchema.nullable()
const instant = z.iso.datetime({ precision: 3 }).nullable()
const policy = {
  policyId: id,
  enabled: z.boolean(),
  terms: policyTermsSchema,
}
const of = <Shape extends z.ZodRawShape>(type: OutsideCommand['type'], shape: Shape) =>
  z.strictObject({ type: z.literal(type), ...shape })

/** What a command must be so that its events can be stored: the storage contract's own schemas, and no field more. */
const commandSchema = z.discriminatedUnion('type', [
  of('CreateCatalog', { catalogId: id, ...named }),
  of('RenameCatalog', { catalogId: id, ...named }),
  of('AddCatalogOwner', { catalogId: id, personId: id }),
  of('RemoveCatalogOwner', { catalogId: id, personId: id }),
  of('AddPackageManager', { catalogId: id, personId: id }),
  of('RemovePackageManager', { catalogId: id, personId: id }),
  of('AddResource', { catalogId: id, resourceId: id }),
  of('RemoveResource', { catalogId: id, resourceId: id }),
  of('CreateAccessPackage', {
    packageId: id,
    catalogId: id,
    ...named,
    hidden: z.boolean(),
    resourceRoles: z.array(z.strictObject(roles)),
    policies: z.array(z.strictObject(policy)),
  }),
  of('RenameAccessPackage', { packageId: id, ...named }),
  of('HideAccessPackage', { packageId: id }),
  of('ShowAccessPackage', { packageId: id }),
  of('AddResourceRole', { packageId: id, ...roles }),
  of('RemoveResourceRole', { packageId: id, ...roles }),
  of('AddPolicy', { packageId: id, ...policy }),
  of('ChangePolicy', { packageId: id, policyId: id, terms: policyTermsSchema }),
  of('EnablePolicy', { packageId: id, policyId: id }),
  of('DisablePolicy', { packageId: id, policyId: id }),
  of('SubmitRequest', {
    packageId: id,
    subjectId: id,
    policyId: id.nullable(),
    justification: text,
  }),
  of('AssignDirectly', {
    packageId: id,
    subjectId: id,
    policyId: id,
    startAt: instant,
    endAt: instant,
    justification: text,
  }),
  of('RequestExtension', { assignmentId: assignmentIdSchema, justification: text }),
  of('DecideApproval', {
    requestId: requestIdSchema,
    decision: z.enum(['approve', 'deny']),
    justification: text,
  }),
  of('CancelRequest', { requestId: requestIdSchema, reason: text }),
  of('RemoveAssignment', { assignmentId: assignmentIdSchema, justification: text }),
])
