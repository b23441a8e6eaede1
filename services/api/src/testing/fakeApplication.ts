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

/**
 * An application that keeps the commands it gets (of many at once, each of them), and answers each query with nothing
 * unless told otherwise.
 */
export const fakeApplication = (
  overrides: Partial<Application> = {},
): Application & { readonly sent: readonly SentCommand[] } => {
  const sent: SentCommand[] = []
  const nothing = async () => ({ items: [], next: null })
  const nobody = async () => ({ ok: true as const, answer: { items: [], next: null } })
  return {
    sent,
    execute: async (command, { commandId, correlationId, caller }): Promise<CommandAnswer> => {
      commandSchema.parse(command)
      sent.push({ command, commandId, correlationId, caller })
      return { ok: true, commandId, position: 7n, repeated: false, result: resultOf(command) }
    },
    assignMany: async ({ subjectIds, ...shared }, { commandId, correlationId, caller }) => {
      for (const subjectId of subjectIds) {
        const command = { type: 'AssignDirectly', subjectId, ...shared } as const
        commandSchema.parse(command)
        sent.push({ command, commandId, correlationId, caller })
      }
      return {
        ok: true,
        commandId,
        position: 7n,
        accepted: subjectIds.length,
        refused: 0,
        repeated: 0,
        results: subjectIds.map((subjectId) => ({
          subjectId,
          ok: true,
          requestId: `${shared.packageId}.${subjectId}.r1`,
          assignmentId: `${shared.packageId}.${subjectId}.a1`,
          status: 'Delivering',
          endAt: null,
          repeated: false,
        })),
      }
    },
    connectorOf: async () => undefined,
    receiveCallback: async () => ({
      ok: true,
      commandId: '00000000-0000-4000-8000-000000000000',
      position: 7n,
      repeated: false,
      result: { status: 'Provisioned' },
    }),
    fulfilments: nobody,
    waitFor: async () => {},
    whoAmI: async ({ actor }) =>
      actor.kind === 'user'
        ? { person: person(actor.id), groupIds: ['all-staff'] }
        : { person: null, groupIds: [] },
    catalogs: nothing,
    catalog: async () => undefined,
    catalogsForNewPackages: nothing,
    catalogHistory: nothing,
    validatePackage: async (_caller, command) => {
      commandSchema.parse(command)
      return { problems: [], warnings: [], resourcesToAdd: [] }
    },
    packages: nothing,
    package: async () => undefined,
    packageHistory: nothing,
    policyVersions: async () => undefined,
    requestablePackage: async () => undefined,
    requestable: nothing,
    why: async () => undefined,
    resources: nothing,
    people: nobody,
    groups: nobody,
    externalDirectories: nobody,
    externalDirectoryByDomain: async () => ({ ok: true, answer: undefined }),
    requests: nothing,
    request: async () => undefined,
    assignments: nothing,
    assignment: async () => undefined,
    assignmentLines: noLines,
    requestLines: noLines,
    rollOut: async () => undefined,
    driftScans: nobody,
    driftScan: async () => ({ ok: true, answer: undefined }),
    driftFindings: nobody,
    problems: nothing,
    problemCounts: async () => ({ total: 0, oldest: null, items: [] }),
    removals: async () => ({ items: [] }),
    mayViewQueues: async () => ({ ok: true }),
    unlessMayReadMetrics: async () => undefined,
    projections: async () => ({ ok: true, items: [], reactors: [] }),
    ...overrides,
  }
}

async function* noLines(): AsyncGenerator<never[]> {
  yield []
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
const renamed = {
  displayName: named.displayName.nullable(),
  description: named.description.nullable(),
}
const rollOut = z.enum(['now', 'held']).optional()
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
  of('RenameCatalog', { catalogId: id, ...renamed }),
  of('AddCatalogOwner', { catalogId: id, personId: id }),
  of('RemoveCatalogOwner', { catalogId: id, personId: id }),
  of('AddPackageManager', { catalogId: id, personId: id }),
  of('RemovePackageManager', { catalogId: id, personId: id }),
  of('AddResource', { catalogId: id, resourceId: id }),
  of('RemoveResource', { catalogId: id, resourceId: id }),
  of('StartDriftScan', { resourceId: id, dryRun: z.boolean() }),
  of('ReleaseLeaverEndings', {}),
  of('CreateAccessPackage', {
    packageId: id,
    catalogId: id,
    ...named,
    hidden: z.boolean(),
    resourceRoles: z.array(z.strictObject(roles)),
    policies: z.array(z.strictObject(policy)),
  }),
  of('EditAccessPackage', { packageId: id, ...renamed, hidden: z.boolean().nullable() }),
  of('DeleteAccessPackage', { packageId: id }),
  of('AddResourceRole', { packageId: id, ...roles, rollOut }),
  of('RemoveResourceRole', { packageId: id, ...roles, rollOut }),
  of('PauseRollOut', { packageId: id }),
  of('ResumeRollOut', { packageId: id }),
  of('ReleaseRollOut', { packageId: id }),
  of('CancelRollOut', { packageId: id }),
  of('AddPolicy', { packageId: id, ...policy }),
  of('ChangePolicy', { packageId: id, policyId: id, terms: policyTermsSchema }),
  of('EnablePolicy', { packageId: id, policyId: id }),
  of('DisablePolicy', { packageId: id, policyId: id }),
  of('RemovePolicy', { packageId: id, policyId: id }),
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
  of('ReprocessAssignment', { assignmentId: assignmentIdSchema }),
  of('ReprocessPackage', { packageId: id, after: z.string().nullable(), limit: z.int() }),
  of('ReprocessEverything', { after: z.string().nullable(), limit: z.int() }),
  of('ReprocessRequest', { requestId: requestIdSchema }),
  of('ReportFulfilment', {
    fulfilmentId: z.string(),
    outcome: z.enum(['done', 'refused']),
    message: textSchema(1, 2000).nullable(),
  }),
  of('RemoveAssignment', { assignmentId: assignmentIdSchema, justification: text }),
])
