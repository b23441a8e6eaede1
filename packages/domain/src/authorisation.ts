import { type Actor, type Refusal, refuse } from '@portcullis/core'

/** Roles of the whole directory (S3). */
export type DirectoryRole = 'UserAdministrator' | 'CatalogCreator'
/** Roles in one catalog (S3). */
export type CatalogRole = 'CatalogOwner' | 'AccessPackageManager'

/** What the actor may: gathered before each decision, from the directory and from the catalog's stream. */
export interface ActorFacts {
  readonly directoryRoles: readonly DirectoryRole[]
  /** In the catalog that the command is about; empty where none is. */
  readonly catalogRoles: readonly CatalogRole[]
}

/** The built-in catalog, where packages go that name none (S1). Nobody owns it. */
export const DEFAULT_CATALOG_ID = 'default'

const ROLE_NAMES: Readonly<Record<DirectoryRole | CatalogRole, string>> = {
  UserAdministrator: 'User administrator',
  CatalogCreator: 'Catalog creator',
  CatalogOwner: 'Catalog owner',
  AccessPackageManager: 'Access package manager',
}

/** Does the actor have one of these roles, in the whole directory or in the catalog that the command is about? */
export const hasRole = (
  facts: ActorFacts,
  ...roles: readonly (DirectoryRole | CatalogRole)[]
): boolean => {
  const held: readonly string[] = [...facts.directoryRoles, ...facts.catalogRoles]
  return roles.some((role) => held.includes(role))
}

/**
 * The "no" of S3: says what was tried and which roles would have been enough.
 * @param action completes "to ...": `rename this catalog`
 * @param catalog name of the catalog that the catalog roles are of; absent where no name is known
 */
export const forbidden = (
  code: string,
  action: string,
  roles: readonly (DirectoryRole | CatalogRole)[],
  catalog?: string,
): { readonly ok: false; readonly refusal: Refusal } => {
  const of = catalog === undefined ? ' of the catalog' : ` of ${catalog}`
  const names = roles.map((role) =>
    role === 'CatalogOwner' || role === 'AccessPackageManager'
      ? `${ROLE_NAMES[role]}${of}`
      : ROLE_NAMES[role],
  )
  return refuse(
    'forbidden',
    code,
    `To ${action} the sender needs ${names.join(', or ')}; ask somebody who has that role.`,
    { enoughRoles: roles },
  )
}

/** For commands that only timers and reconcile jobs send: undefined when the engine itself is the sender. */
export const unlessEngine = (
  actor: Actor,
  aggregate: string,
): { readonly ok: false; readonly refusal: Refusal } | undefined =>
  actor.kind === 'system'
    ? undefined
    : refuse(
        'forbidden',
        `${aggregate}.engine-only`,
        'Only the engine itself sends this command, from a timer or a job; there is another command for people.',
      )
