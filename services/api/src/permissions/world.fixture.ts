import { randomUUID } from 'node:crypto'
import {
  exampleTerms,
  type Operation,
  type OperationId,
  operations,
} from '@portcullis/api-contract'
import { formatPosition } from '@portcullis/core'
import type { DirectoryRole } from '@portcullis/domain'
import { awaitFulfilment } from '../testing/awaitFulfilment.ts'
import { openRealEngine } from '../testing/realEngine.ts'
import { grantWorld } from './grants.fixture.ts'

// The world of the permission matrix's test (S3): for each standing somebody who has it and nothing else, and targets
// that are made as they are needed.

/** Columns of the table in permissionCases.ts, in its order. */
export const ACTORS = [
  /** Roles of the whole directory. */
  'admin',
  'creator',
  /** Roles in the target's catalog; none of those who follow has one there. */
  'owner',
  'manager',
  /** The same roles in another catalog, and in the built-in one. */
  'ownerElsewhere',
  'managerElsewhere',
  'ownerOfDefault',
  'managerOfDefault',
  /** What they are to the target: whom it is about, who made the request (a service), who is to approve it. */
  'subject',
  'asker',
  'approver',
  /** An enabled policy lets them in. */
  'member',
  'stranger',
  /** Disabled: User administrator, owner, approver and member. */
  'gone',
  /** Services, with the roles of their token. */
  'adminService',
  'creatorService',
  'service',
  'metricsService',
] as const
export type ActorName = (typeof ACTORS)[number]
/** `root` makes the targets; `approver2` decides before `approver` does. */
type Sender = ActorName | 'root' | 'approver2'

const SERVICES: Readonly<Partial<Record<Sender, readonly DirectoryRole[]>>> = {
  asker: [],
  adminService: ['UserAdministrator'],
  creatorService: ['CatalogCreator'],
  service: [],
  metricsService: ['MetricsReader'],
  root: ['UserAdministrator'],
}

export const isService = (name: ActorName): boolean => SERVICES[name] !== undefined

const ROLES: Readonly<Partial<Record<string, readonly DirectoryRole[]>>> = {
  admin: ['UserAdministrator'],
  creator: ['CatalogCreator'],
  gone: ['UserAdministrator', 'CatalogCreator'],
}

/** Named in commands and nothing else: `extra` and `second` for roles, `newcomer` for assignments. */
const OTHERS = ['extra', 'second', 'newcomer', 'approver2']
const people = [...ACTORS.filter((name) => SERVICES[name] === undefined), ...OTHERS]

const ORGANISATION = {
  people: people.map((id) => ({
    id,
    userName: id,
    displayName: id,
    email: `${id}@example.org`,
    enabled: id !== 'gone',
    directoryRoles: ROLES[id] ?? [],
  })),
  'external-directories': [
    { id: 'partner', displayName: 'Partner', initialDomain: 'partner.example' },
  ],
  groups: [{ id: 'staff', displayName: 'Staff' }],
  memberships: ['subject', 'member', 'newcomer', 'gone'].map((personId) => ({
    groupId: 'staff',
    personId,
  })),
  resources: [
    // Everybody owns it, so that only the role decides; and one that nobody owns.
    { id: 'shared', ownerIds: people },
    { id: 'foreign', ownerIds: [] },
    { id: 'git', ownerIds: [] },
    { id: 'zq-resource', displayName: 'Zq-Resource', ownerIds: [] },
  ].map((resource) => ({
    displayName: resource.id,
    ...resource,
    kind: 'application',
    connector: 'file',
    roles: ['member', 'editor'].map((role) => ({ id: role, displayName: role })),
  })),
}

const policy = (id: string, approverIds: readonly string[]) => ({
  id,
  terms: {
    ...exampleTerms,
    displayName: id,
    requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'staff' }] },
    requestorJustification: false,
    approval:
      approverIds.length === 0
        ? { required: false }
        : {
            required: true,
            stages: [
              {
                approvers: approverIds.map((person) => ({ kind: 'user', id: person })),
                timeoutDays: 14,
                approverJustification: false,
              },
            ],
          },
    extension: { allowed: true, approvalRequired: false },
  },
})

/** One call of an operation. */
export interface Call {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  /** A text that a query's answer holds when it shows the target. */
  readonly shows?: string
}

export const openWorld = async () => {
  const engine = await openRealEngine(ORGANISATION)
  const tokens = new Map<string, string>()
  let position = '0'
  let made = 0

  const tokenOf = async (name: Sender): Promise<string> => {
    const roles = SERVICES[name]
    const token =
      tokens.get(name) ??
      (await engine.tokenFor(name, roles === undefined ? 'user' : 'service', roles))
    tokens.set(name, token)
    return token
  }

  /** Sends an operation as somebody; queries see everything that was sent before. */
  const send = async (as: Sender, id: OperationId, call: Call) => {
    const operation: Operation = operations[id]
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = call.params?.[name]
      if (value === undefined) throw new Error(`${id} needs ${name}`)
      return value
    })
    const query = new URLSearchParams(call.query)
    const answer = await engine.api.inject({
      method: operation.method,
      url: query.size === 0 ? path : `${path}?${query}`,
      headers: {
        authorization: await tokenOf(as),
        ...(operation.kind === 'command'
          ? { 'idempotency-key': randomUUID() }
          : { 'portcullis-at-least': position }),
      },
      ...(call.body === undefined ? {} : { payload: call.body }),
    })
    const reached = answer.headers['portcullis-position']
    if (typeof reached === 'string') position = reached
    const { statusCode: status, body: text, headers } = answer
    return { operation, status, text, headers }
  }

  const must = async (as: Sender, id: OperationId, call: Call): Promise<void> => {
    const { status, text } = await send(as, id, call)
    if (status >= 300) throw new Error(`${id} by ${as}: ${status} ${text}`)
  }

  const next = (kind: string): string => {
    made += 1
    return `${kind}${made}`
  }

  const grants = grantWorld(engine.runtime)
  const fresh = {
    id: next,
    /** A package in the catalog, with role `git.member`, policy `auto` without approval and policy `asked` with. */
    package: async (catalogId = 'own'): Promise<string> => {
      const id = next('package')
      await must('root', 'createAccessPackage', {
        body: {
          id,
          catalogId,
          displayName: id,
          resourceRoles: [{ resourceId: 'git', roleId: 'member' }],
          policies: [policy('auto', []), policy('asked', ['approver', 'approver2', 'gone'])],
        },
      })
      return id
    },
    /** One whose role is on its way out: nobody works here, so it waits to start. */
    changing: async (): Promise<string> => {
      const packageId = await fresh.package()
      const role = { resourceId: 'git', roleId: 'member' }
      await must('root', 'removeResourceRole', { params: { packageId, ...role } })
      return packageId
    },
    /** An order to a target that somebody carries out by hand. */
    fulfilment: async (): Promise<string> => {
      const subject = { resourceId: 'git', roleId: 'member', subjectId: next('person') }
      const id = await awaitFulfilment(engine, subject, randomUUID())
      position = formatPosition(await engine.runtime.store.head())
      return id
    },
    /** A request of `subject`, made by `asker`: waits for `approver`. */
    request: async (): Promise<string> => {
      const packageId = await fresh.package()
      const body = { subjectId: 'subject', policyId: 'asked' }
      await must('asker', 'submitRequest', { params: { packageId }, body })
      return `${packageId}.subject.r1`
    },
    /** A package with somebody's access to `git` that can't be given, for an assignment of the subject. */
    problem: async (): Promise<string> => {
      const packageId = await fresh.package()
      await grants.failing('subject', `${packageId}.subject.a1`)
      position = await grants.position()
      return packageId
    },
    /** Access to `git` that is still to be taken away. */
    removal: async (): Promise<void> => {
      await grants.overdue('newcomer', `${await fresh.package()}.newcomer.a1`)
      position = await grants.position()
    },
    /** A queued scan for drift. */
    scan: async (): Promise<string> => {
      const { status, text } = await send('root', 'startDriftScan', {
        params: { resourceId: 'git' },
      })
      if (status !== 201) throw new Error(`startDriftScan: ${status} ${text}`)
      return JSON.parse(text).scanId
    },
    /** An assignment of `subject`, from request `….r1`, which `asker` made. */
    assignment: async (): Promise<string> => {
      const packageId = await fresh.package()
      const body = { subjectId: 'subject', policyId: 'auto' }
      await must('asker', 'submitRequest', { params: { packageId }, body })
      return `${packageId}.subject.a1`
    },
  }

  const addRoles = async (catalogId: string, owner: string, manager: string): Promise<void> => {
    const params = { catalogId }
    await must('root', 'addCatalogOwner', { params, body: { personId: owner } })
    await must('root', 'addPackageManager', { params, body: { personId: manager } })
  }
  for (const [id, displayName] of [
    ['own', 'Own'],
    ['other', 'Other'],
  ]) {
    await must('root', 'createCatalog', { body: { id, displayName } })
  }
  await addRoles('own', 'owner', 'manager')
  await addRoles('own', 'gone', 'gone')
  await addRoles('own', 'second', 'second')
  await addRoles('other', 'ownerElsewhere', 'managerElsewhere')
  await addRoles('default', 'ownerOfDefault', 'managerOfDefault')
  for (const catalogId of ['own', 'other', 'default']) {
    await must('root', 'addResource', { params: { catalogId }, body: { resourceId: 'git' } })
  }
  const { runtime, close } = engine
  return { send, must, fresh, grants, newPolicy: policy, runtime, close }
}

export type World = Awaited<ReturnType<typeof openWorld>>
