import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResourceRoleRef } from '@portcullis/domain'

/** The made-up organisation of the crash test: who is there, what there is to get, and which packages confer it. */
const PEOPLE = 700
/** The last ones decide; nobody of them asks for anything. */
const APPROVERS = 10

const everybody: readonly string[] = Array.from(
  { length: PEOPLE },
  (_, index) => `p${String(index).padStart(3, '0')}`,
)
export const subjects = everybody.slice(0, -APPROVERS)
const approvers = everybody.slice(-APPROVERS)
/** Named by the policy, and a member of the group that it names as well: asked once all the same. */
export const [namedApprover = '', groupApprover = ''] = approvers
const reviewers = approvers.slice(0, 3)

/** Each is a group of the SCIM service, with one role. */
export const scimResources = ['mail', 'wiki', 'tickets', 'git'] as const
/** Each is a file of its own. */
export const fileResources = ['archive', 'payroll'] as const
const SCIM_ROLES = ['member'] as const
const FILE_ROLES = ['reader', 'editor'] as const

const role = (resourceId: string, roleId: string): ResourceRoleRef => ({ resourceId, roleId })
const member = (resourceId: (typeof scimResources)[number]) => role(resourceId, 'member')

/** Several packages confer the same roles, so that who lets go of one may keep the access by another. */
export const packages: readonly {
  readonly id: string
  readonly roles: readonly ResourceRoleRef[]
}[] = [
  { id: 'basics', roles: [member('mail'), member('wiki')] },
  { id: 'support', roles: [member('mail'), member('tickets'), role('archive', 'reader')] },
  { id: 'development', roles: [member('git'), member('wiki'), member('tickets')] },
  { id: 'accounting', roles: [role('payroll', 'reader'), role('archive', 'reader')] },
  { id: 'payments', roles: [role('payroll', 'reader'), role('payroll', 'editor')] },
  { id: 'records', roles: [role('archive', 'reader'), role('archive', 'editor'), member('wiki')] },
  { id: 'release', roles: [member('git'), role('archive', 'editor')] },
  { id: 'desk', roles: [member('mail'), role('payroll', 'reader')] },
]

/** Changes of packages while people have them. */
export const roleChanges = {
  add: { packageId: 'basics', ...member('tickets') },
  remove: { packageId: 'records', ...role('archive', 'reader') },
} as const

/** The packages' roles after both changes. */
export const finalRoles = (packageId: string): readonly ResourceRoleRef[] => {
  const roles = packages.find(({ id }) => id === packageId)?.roles ?? []
  const { add, remove } = roleChanges
  return [
    ...roles.filter(
      ({ resourceId, roleId }) =>
        packageId !== remove.packageId ||
        resourceId !== remove.resourceId ||
        roleId !== remove.roleId,
    ),
    ...(packageId === add.packageId ? [role(add.resourceId, add.roleId)] : []),
  ]
}

const terms = (displayName: string, approval: object) => ({
  displayName,
  description: '',
  requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'staff' }] },
  requestorJustification: false,
  approval,
  expiration: { kind: 'afterDays', days: 30 },
  extension: { allowed: true, approvalRequired: false },
  zone: 'Europe/Berlin',
})

/**
 * `open`: approved automatically; `checked`: one person, or anybody of a group, decides. Bodies of `POST
 * /v1/access-packages`.
 */
export const packageBodies = packages.map(({ id, roles }) => ({
  id,
  displayName: `Package ${id}`,
  resourceRoles: roles,
  policies: [
    { id: `${id}-open`, terms: terms('Everybody', { required: false }) },
    {
      id: `${id}-checked`,
      terms: terms('Checked', {
        required: true,
        stages: [
          {
            approvers: [
              { kind: 'user', id: namedApprover },
              { kind: 'group', id: 'reviewers' },
            ],
            timeoutDays: 14,
            approverJustification: false,
          },
        ],
      }),
    },
  ],
}))

export const userNameOf = (personId: string): string => `${personId}@people.example`

/** Writes the CSV files that `portcullis import` reads. */
export const writeOrganisation = async (
  folder: string,
  scimGroups: ReadonlyMap<string, string>,
): Promise<void> => {
  const resources = [
    ...scimResources.map((id) => [id, 'application', id, 'scim', scimGroups.get(id) ?? '']),
    ...fileResources.map((id) => [id, 'sharepointSite', id, id, id]),
  ]
  const roles = [
    ...scimResources.flatMap((id) => SCIM_ROLES.map((roleId) => [id, roleId, roleId, roleId])),
    ...fileResources.flatMap((id) => FILE_ROLES.map((roleId) => [id, roleId, roleId, roleId])),
  ]
  const files: Readonly<Record<string, readonly (readonly string[])[]>> = {
    people: [
      ['id', 'userName', 'displayName', 'email'],
      ...everybody.map((id) => [id, userNameOf(id), `Person ${id}`, `${id}@mail.example`]),
    ],
    groups: [
      ['id', 'displayName'],
      ['staff', 'Staff'],
      ['reviewers', 'Reviewers'],
    ],
    memberships: [
      ['groupId', 'personId'],
      ...everybody.map((id) => ['staff', id]),
      ...reviewers.map((id) => ['reviewers', id]),
    ],
    resources: [['id', 'kind', 'displayName', 'connector', 'externalId'], ...resources],
    'resource-roles': [['resourceId', 'id', 'displayName', 'externalId'], ...roles],
  }
  for (const [name, rows] of Object.entries(files)) {
    const text = rows.map((row) => `${row.join(',')}\n`).join('')
    await writeFile(join(folder, `${name}.csv`), text)
  }
}
