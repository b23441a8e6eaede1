import { type Actor, actorKey, type Refused, refuse } from '@portcullis/core'
import { COMMAND_PERMISSIONS, FINER_PERMISSIONS } from './commandPermissions.ts'
import { QUERY_PERMISSIONS } from './queryPermissions.ts'
import { isCatalogRole, type PermissionRow } from './row.ts'
import { type ActorFacts, DEFAULT_CATALOG_ID, STANDINGS, type Standing } from './standings.ts'

export type CommandName = keyof typeof COMMAND_PERMISSIONS
export type QueryName = keyof typeof QUERY_PERMISSIONS
export type PermissionName = CommandName | QueryName | keyof typeof FINER_PERMISSIONS

const ROWS: Readonly<Record<PermissionName, PermissionRow>> = {
  ...COMMAND_PERMISSIONS,
  ...FINER_PERMISSIONS,
  ...QUERY_PERMISSIONS,
}

/** What the actor can be something to. What is absent, they are nothing to. */
export interface PermissionTarget {
  readonly subjectId?: string | null
  /** As {@link actorKey} names the one who made the request. */
  readonly requestorId?: string | null
  /** Is the actor an approver of the request, looked up live? */
  readonly approver?: boolean
  /** Does an enabled policy of the package let the actor in? */
  readonly requestable?: boolean
}

/** Is the actor this to the target? */
const isRelation = (
  relation: Standing,
  actor: Actor,
  { subjectId, requestorId, approver, requestable }: PermissionTarget,
): boolean => {
  const person = actor.kind === 'user'
  switch (relation) {
    case 'Subject':
      return person && actor.id === subjectId
    case 'Requestor':
      return actorKey(actor) === requestorId
    case 'Approver':
      return person && approver === true
    case 'Requestable':
      return person && requestable === true
    case 'Service':
      return actor.kind === 'service'
    case 'Everyone':
      return true
    case 'Engine':
      return actor.kind === 'system'
    default:
      return false
  }
}

/** The standings that are enough for this, in the catalog that it is about. */
export const enoughFor = (name: PermissionName, catalogId?: string): readonly Standing[] => {
  const { enough, enoughInDefault } = ROWS[name]
  return catalogId === DEFAULT_CATALOG_ID ? (enoughInDefault ?? enough) : enough
}

/** Do only timers and jobs send it, nobody outside? */
export const isEngineOnly = (name: CommandName): boolean =>
  enoughFor(name).every((standing) => standing === 'Engine')

/** Does the matrix (S3) allow the actor this? A disabled person may nothing. */
export const isPermitted = (
  name: PermissionName,
  actor: Actor,
  facts: ActorFacts,
  target: PermissionTarget = {},
): boolean => {
  if (facts.disabled) return false
  const roles: readonly Standing[] = [...facts.directoryRoles, ...facts.catalogRoles]
  return enoughFor(name, facts.catalog?.id).some(
    (standing) => roles.includes(standing) || isRelation(standing, actor, target),
  )
}

/**
 * A catalog is named to those who have a role in it; to the others it is "the catalog", whether there is one or not.
 */
const catalogNamed = ({ catalog, catalogRoles }: ActorFacts): string =>
  catalog !== undefined && catalogRoles.length > 0 ? catalog.displayName : 'the catalog'

/**
 * The "no" of S3: says what was tried and what would have been enough, and names nothing that the actor may not see
 * (A5).
 * `data.enoughRoles` names the same for programs, as the matrix writes them.
 * @param catalog how the catalog is called whose roles would be enough
 */
export const notPermitted = (
  name: PermissionName,
  facts: ActorFacts,
  catalog: string = catalogNamed(facts),
): Refused => {
  const { action, code, instead } = ROWS[name]
  const enough = enoughFor(name, facts.catalog?.id)
  const isRole = (standing: Standing) =>
    isCatalogRole(standing) ||
    standing === 'UserAdministrator' ||
    standing === 'CatalogCreator' ||
    standing === 'MetricsReader'
  const needs = enough.map((standing, index) => {
    const text = STANDINGS[standing].name
    if (isCatalogRole(standing)) return `${text} of ${catalog}`
    return index === 0 && !isRole(standing) ? `to be ${text}` : text
  })
  const wayOut =
    instead ?? (enough.some(isRole) ? 'ask somebody who has that role' : 'ask one of them')
  return refuse(
    'forbidden',
    code,
    `To ${action} the sender needs ${needs.join(', or ')}; ${wayOut}.`,
    { enoughRoles: enough },
  )
}

/** Undefined when the matrix allows it, else the refusal. */
export const unlessPermitted = (
  name: PermissionName,
  actor: Actor,
  facts: ActorFacts,
  target: PermissionTarget = {},
): Refused | undefined =>
  isPermitted(name, actor, facts, target) ? undefined : notPermitted(name, facts)
