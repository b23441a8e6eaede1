/** Roles of the whole directory (S3). */
export type DirectoryRole = 'UserAdministrator' | 'CatalogCreator' | 'MetricsReader'
/** Roles in one catalog (S3): the one that the target is in. */
export type CatalogRole = 'CatalogOwner' | 'AccessPackageManager'
/** What somebody is to the target, without having been given a role. */
type Relation =
  | 'Subject'
  | 'Requestor'
  | 'Approver'
  | 'Requestable'
  | 'Service'
  | 'Everyone'
  | 'Engine'

/** Everything that can be enough to send a command or ask a query: the columns of the permission matrix (S3). */
export type Standing = DirectoryRole | CatalogRole | Relation

/** What the actor may: gathered before each decision, from the directory and from the catalog's stream. */
export interface ActorFacts {
  readonly directoryRoles: readonly DirectoryRole[]
  /** In the catalog that the command is about; empty where none is. */
  readonly catalogRoles: readonly CatalogRole[]
  /** The catalog that those roles are of; absent where the command is about none, or it isn't there. */
  readonly catalog?: { readonly id: string; readonly displayName: string }
  /**
   * Set for a person who is disabled, or whom the directory doesn't know: they may nothing, whatever they are to the
   * target.
   */
  readonly disabled?: true
}

/** The built-in catalog, where packages go that name none (S1). Nobody owns it at first. */
export const DEFAULT_CATALOG_ID = 'default'

interface StandingText {
  /** Completes "the sender needs …" for a role, "the sender needs to be …" for a relation. */
  readonly name: string
  readonly scope: string
}

/** How each is named in refusals and in the docs, and how far it reaches. */
export const STANDINGS: Readonly<Record<Standing, StandingText>> = {
  UserAdministrator: { name: 'User administrator', scope: 'the whole directory' },
  CatalogCreator: { name: 'Catalog creator', scope: 'the whole directory' },
  MetricsReader: { name: 'Metrics reader', scope: 'what is counted, and nothing else' },
  CatalogOwner: { name: 'Catalog owner', scope: "the target's catalog" },
  AccessPackageManager: { name: 'Access package manager', scope: "the target's catalog" },
  Subject: {
    name: 'the subject',
    scope: 'requests and assignments that are about them',
  },
  Requestor: {
    name: 'the requestor',
    scope:
      'requests that they made for a subject; not direct assignments, which are made by a role',
  },
  Approver: {
    name: 'an approver of the request',
    scope:
      'requests that wait for their decision, by their own name or by a group that they are in now, and those that they decided on',
  },
  Requestable: {
    name: 'somebody whom an enabled policy lets in',
    scope: 'access packages that they may request now',
  },
  Service: { name: 'a service', scope: 'any subject, who is named in the command' },
  Everyone: { name: 'anybody with a token', scope: 'what is said of themselves' },
  Engine: { name: 'the engine itself', scope: 'timers and jobs' },
}
