import type { Directory, Identity, Person, Resource } from '@portcullis/directory'
import { type GrantState, parseGrantId } from '@portcullis/domain'
import {
  type Access,
  type Connector,
  ConnectorError,
  type TargetAccount,
} from '@portcullis/provisioning'

export interface TargetDependencies {
  readonly directory: Directory
  readonly connectors: ReadonlyMap<string, Connector>
}

/** Where a grant is to be provisioned, and how it is known there. */
export interface Target {
  readonly connector: Connector
  readonly access: Access
}

/**
 * The same (also its `resource`, which tells connectors that it is the same try), with the names that the target has
 * for the account, where any are known.
 */
export const withAccount = <Known extends Target>(
  target: Known,
  account: TargetAccount | null,
): Known =>
  account === null
    ? target
    : {
        ...target,
        access: { ...target.access, subject: { ...target.access.subject, account } },
      }

/** The same as {@link withAccount}, with what the log knows of whether the target tells such access. */
export const asGranted = <Known extends Target>(
  target: Known,
  { account, receipt }: Pick<GrantState, 'account' | 'receipt'>,
): Known => {
  const known = withAccount(target, account)
  if (receipt === null) return known
  return { ...known, access: { ...known.access, confirmed: receipt === 'read-back' } }
}

/** @throws Error for what is no grant's id: a bug */
export const grantIds = (grantId: string) => {
  const ids = parseGrantId(grantId)
  if (ids === undefined) throw new Error(`${grantId} is not the id of a grant`)
  return ids
}

/**
 * Looks up what the directory says of many grants, each person and resource once.
 * @returns by grant id; an error, for good until somebody corrects it, where the directory or the configuration lacks
 *   something
 */
export const findTargets = async (
  { directory, connectors }: TargetDependencies,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Target | ConnectorError>> => {
  const asked = ids.map((id) => ({ id, ...grantIds(id) }))
  const each = (values: readonly string[]) => [...new Set(values)]
  const subjectIds = each(asked.map(({ subjectId }) => subjectId))
  const [resources, people, identities] = await Promise.all([
    directory.resources(each(asked.map(({ resourceId }) => resourceId))),
    directory.people(subjectIds),
    directory.identities(subjectIds),
  ])
  const subjects = new Map(
    [...people].map(([id, person]) => [id, subjectOf(person, identities.get(id))]),
  )
  return new Map(
    asked.map(({ id, resourceId, roleId, subjectId }): [string, Target | ConnectorError] => {
      const role = roleOf(resources.get(resourceId), resourceId, roleId, connectors)
      if (role instanceof ConnectorError) return [id, role]
      const subject = subjects.get(subjectId)
      if (subject === undefined)
        return [
          id,
          permanent(
            'provisioning.unknown-subject',
            `the directory has no person ${subjectId}; import them, then reprocess`,
          ),
        ]
      const { connector, ...where } = role
      return [id, { connector, access: { ...where, subject } }]
    }),
  )
}

const subjectOf = (
  { id, userName, email, displayName }: Person,
  identity: Identity | undefined,
): Access['subject'] => ({ ...identity, id, userName, email, displayName })

const roleOf = (
  resource: Resource | undefined,
  resourceId: string,
  roleId: string,
  connectors: ReadonlyMap<string, Connector>,
): ConnectorError | (Omit<Access, 'subject'> & Pick<Target, 'connector'>) => {
  const role = resource?.roles.find(({ id }) => id === roleId)
  if (resource === undefined || role === undefined)
    return permanent(
      'provisioning.unknown-resource-role',
      `the directory has no role ${roleId} on a resource ${resourceId}; import it, then reprocess`,
    )
  const connector = connectors.get(resource.connector)
  if (connector === undefined)
    return permanent(
      'provisioning.unknown-connector',
      `resource ${resource.id} names the connector ${resource.connector}, which is not configured; configured are: ${[...connectors.keys()].join(', ') || 'none'}`,
    )
  return {
    connector,
    resource: { id: resource.id, externalId: resource.externalId },
    role: { id: role.id, externalId: role.externalId },
  }
}

const permanent = (code: string, message: string) =>
  new ConnectorError(code, message, { transient: false })
