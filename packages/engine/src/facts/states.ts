import type { Actor, EventStore } from '@portcullis/core'
import { fold } from '@portcullis/core'
import type { Directory, Person } from '@portcullis/directory'
import {
  type AccessPackageEvent,
  type AccessPackageState,
  type ActorFacts,
  accessPackageDecider,
  accessPackageStream,
  type CatalogEvent,
  type CatalogState,
  catalogDecider,
  catalogRolesOf,
  catalogStream,
  type DirectoryRole,
  type EntitlementEvent,
  type EntitlementState,
  entitlementDecider,
  entitlementStream,
  type GrantEvent,
  type GrantState,
  grantDecider,
  grantStream,
} from '@portcullis/domain'
import type { Caller } from '../caller.ts'

/** The states of the four aggregates, folded from their streams: always as new as the log. */
export interface States {
  catalog(id: string): Promise<CatalogState>
  package(id: string): Promise<AccessPackageState>
  entitlement(id: string): Promise<EntitlementState>
  grant(id: string): Promise<GrantState>
}

// The codec decodes every stream by its own schemas, so that a stream's name tells the type of its events.
export const createStates = (store: EventStore): States => ({
  catalog: async (id) =>
    fold(catalogDecider, (await store.readStream(catalogStream(id))) as readonly CatalogEvent[]),
  package: async (id) =>
    fold(
      accessPackageDecider,
      (await store.readStream(accessPackageStream(id))) as readonly AccessPackageEvent[],
    ),
  entitlement: async (id) =>
    fold(
      entitlementDecider,
      (await store.readStream(entitlementStream(id))) as readonly EntitlementEvent[],
    ),
  grant: async (id) =>
    fold(grantDecider, (await store.readStream(grantStream(id))) as readonly GrantEvent[]),
})

/** The person behind a user; undefined for services, the engine, and people whom the directory doesn't know. */
export const personOf = async (directory: Directory, actor: Actor): Promise<Person | undefined> =>
  actor.kind === 'user' ? directory.person(actor.id) : undefined

/** Roles of the whole directory: a user's from the directory while enabled, a service's from its token. */
export const directoryRolesOf = (
  caller: Caller,
  person: Person | undefined,
): readonly DirectoryRole[] => {
  if (caller.actor.kind === 'service') return caller.directoryRoles
  return person?.enabled ? person.directoryRoles : []
}

/**
 * What the caller may in a catalog (S3). A disabled person may nothing.
 * @param catalog undefined for no catalog
 * @param person the one behind the caller, see {@link personOf}
 */
export const rolesIn = (
  catalog: CatalogState | undefined,
  caller: Caller,
  person: Person | undefined,
): ActorFacts => ({
  directoryRoles: directoryRolesOf(caller, person),
  catalogRoles: person?.enabled && catalog !== undefined ? catalogRolesOf(catalog, person.id) : [],
  ...(catalog === undefined || catalog.catalogId === null
    ? {}
    : { catalog: { id: catalog.catalogId, displayName: catalog.displayName } }),
  ...(caller.actor.kind === 'user' && person?.enabled !== true ? { disabled: true as const } : {}),
})

/** The same, with the catalog's state read. @param catalogId empty for no catalog */
export const actorFacts = async (
  states: States,
  caller: Caller,
  person: Person | undefined,
  catalogId: string,
): Promise<ActorFacts> =>
  rolesIn(catalogId === '' ? undefined : await states.catalog(catalogId), caller, person)

/** The same for a caller whom nobody has looked up yet. */
export const actorFactsOf = async (
  { directory, states }: { readonly directory: Directory; readonly states: States },
  caller: Caller,
  catalogId: string,
): Promise<ActorFacts> =>
  actorFacts(states, caller, await personOf(directory, caller.actor), catalogId)
