import { randomBytes } from 'node:crypto'
import type { PolicyTermsInput } from '@portcullis/api-contract'
import type { Answer, Caller } from './caller.ts'
import type { Engine } from './openEngine.ts'
import { until } from './until.ts'

// What most tests begin with. Everything goes through the API, as people would do it.

type Principal = { readonly kind: 'user' | 'group'; readonly id: string }
export const user = (id: string): Principal => ({ kind: 'user', id })
export const group = (id: string): Principal => ({ kind: 'group', id })

/** One approval stage: these decide within 14 days. */
export const approvedBy = (
  approvers: readonly Principal[],
  more: { readonly timeoutDays?: number; readonly approverJustification?: boolean } = {},
): PolicyTermsInput['approval'] => ({
  required: true,
  stages: [{ approvers: [...approvers], timeoutDays: 14, approverJustification: false, ...more }],
})

/** All staff may request, nobody has to approve, it never ends. */
export const terms = (changes: Partial<PolicyTermsInput> = {}): PolicyTermsInput => ({
  displayName: 'Staff',
  description: '',
  requestors: { kind: 'directory', principals: [group('staff')] },
  requestorJustification: false,
  approval: { required: false },
  expiration: { kind: 'never' },
  extension: { allowed: false },
  ...changes,
})

/** An id that no other test of the run has. */
export const fresh = (kind: string): string => `${kind}-${randomBytes(4).toString('hex')}`

/** `git.member` and the like. */
export const role = (text: string): { resourceId: string; roleId: string } => {
  const [resourceId = '', roleId = ''] = text.split('.')
  return { resourceId, roleId }
}

/**
 * A package of the built-in catalog, made by the User administrator: confers `roles` (git.member when not given), under
 * policy `standard` with the changed terms.
 * @returns its id
 */
export const givenPackage = async (
  engine: Engine,
  changes: Partial<PolicyTermsInput> = {},
  more: { readonly roles?: readonly string[]; readonly hidden?: boolean } = {},
): Promise<string> => {
  const id = fresh('package')
  await engine.as('alice').ok('createAccessPackage', {
    id,
    displayName: `Package ${id}`,
    hidden: more.hidden ?? false,
    resourceRoles: (more.roles ?? ['git.member']).map(role),
    policies: [{ id: 'standard', terms: terms(changes) }],
  })
  return id
}

/** A catalog that olga owns and mia manages packages in, holding chat and crm. */
export const givenCatalog = async (engine: Engine): Promise<string> => {
  const id = fresh('catalog')
  const alice = engine.as('alice')
  await alice.ok('createCatalog', { id, displayName: `Catalog ${id}` })
  await alice.ok('addCatalogOwner', { catalogId: id, personId: 'olga' })
  await alice.ok('removeCatalogOwner', { catalogId: id, personId: 'alice' })
  await alice.ok('addPackageManager', { catalogId: id, personId: 'mia' })
  for (const resourceId of ['chat', 'crm'])
    await engine.as('olga').ok('addResource', { catalogId: id, resourceId })
  return id
}

/** Requests, and gives the request's id. */
export const request = async (
  caller: Caller,
  packageId: string,
  more: { readonly policyId?: string; readonly justification?: string } = {},
): Promise<string> => {
  const { requestId } = await caller.ok('submitRequest', { packageId, ...more })
  if (requestId === undefined) throw new Error('no request id in the answer')
  return requestId
}

/** Waits until the request has this status, and gives it in full. */
export const untilRequest = async (
  caller: Caller,
  requestId: string,
  status: Answer<'getRequest'>['status'],
): Promise<Answer<'getRequest'>> => {
  let found: Answer<'getRequest'> | undefined
  return until(
    `request ${requestId} to be ${status}`,
    async () => {
      found = await caller.ok('getRequest', { requestId })
      return found.status === status && found
    },
    () => found,
  )
}

/** Waits until the assignment has this status and nothing is left to do for it, and gives it in full. */
export const untilAssignment = async (
  caller: Caller,
  assignmentId: string,
  status: Answer<'getAssignment'>['status'],
): Promise<Answer<'getAssignment'>> => {
  let found: Answer<'getAssignment'> | undefined
  return until(
    `assignment ${assignmentId} to be ${status}`,
    async () => {
      found = await caller.ok('getAssignment', { assignmentId })
      return found.status === status && (found.settled || status === 'PartiallyDelivered') && found
    },
    () => found,
  )
}

/** Gets somebody a delivered assignment of the package under policy `standard` without approval. @returns its id */
export const givenAssignment = async (
  engine: Engine,
  packageId: string,
  subjectId: string,
): Promise<string> => {
  const caller = engine.as(subjectId)
  await request(caller, packageId)
  const assignmentId = `${packageId}.${subjectId}.a1`
  await untilAssignment(caller, assignmentId, 'Delivered')
  return assignmentId
}

/** What happened, by the stored names of the events, without their versions. */
export const typesOf = ({
  history,
}: {
  readonly history: readonly { readonly type: string }[]
}): readonly string[] => history.map(({ type }) => type.replace(/\.v\d+$/, ''))

/** The mails that came since there were `mark` of them: `approved sam`, sorted. */
export const mailsSince = (engine: Engine, mark: number): readonly string[] =>
  engine.mails
    .slice(mark)
    .map(({ kind, to }) => `${kind} ${to}`)
    .sort()
