import { actorKey, type Refusal } from '@portcullis/core'
import type { Person } from '@portcullis/directory'
import {
  type ActorFacts,
  isPermitted,
  notPermitted,
  type PermissionTarget,
  type QueryName,
} from '@portcullis/domain'
import type { Caller } from '../caller.ts'
import { actorFacts, createStates, personOf, rolesIn } from '../facts/states.ts'
import type { QueryDependencies } from './dependencies.ts'

type Dependencies = Pick<QueryDependencies, 'store' | 'clock' | 'directory' | 'views'>

/**
 * What a caller may see of a list (S3, A5): everything, what is in their catalogs, what is theirs, what waits for them.
 */
export interface Sight {
  /**
   * As the log names them; empty for somebody who is disabled, or whom the directory doesn't know: nothing is theirs.
   */
  readonly callerId: string
  /** Undefined as well when disabled. */
  readonly person: Person | undefined
  /** A role of the whole directory is enough. */
  readonly everything: boolean
  readonly groupIds: readonly string[]
  /** Catalogs in which they have a role that is enough. */
  readonly catalogIds: readonly string[]
}

/**
 * @param name the list's row in the permission matrix
 * The views say which catalogs may be theirs, the log whether they are: the one who loses a role loses sight at once.
 */
export const sightOf = async (
  dependencies: Dependencies,
  caller: Caller,
  name: QueryName,
): Promise<Sight> => {
  const { clock, directory } = dependencies
  const { actor } = caller
  const person = await enabledPersonOf(dependencies, caller)
  const facts = rolesIn(undefined, caller, person)
  const everything = isPermitted(name, actor, facts)
  const callerId = facts.disabled ? '' : actorKey(actor)
  if (person === undefined) return { callerId, person, everything, groupIds: [], catalogIds: [] }
  const [groupIds, catalogIds] = await Promise.all([
    directory.groupsOf(person.id, clock.now()),
    everything ? [] : catalogsOf(dependencies, caller, person, name),
  ])
  return { callerId, person, everything, groupIds, catalogIds }
}

const catalogsOf = async (
  { store, views }: Dependencies,
  caller: Caller,
  person: Person,
  name: QueryName,
): Promise<readonly string[]> => {
  const states = createStates(store)
  const candidates = await views.catalogsOf(person.id)
  const allowed = await Promise.all(
    candidates.map(async ({ id }) =>
      isPermitted(name, caller.actor, await actorFacts(states, caller, person, id)),
    ),
  )
  return candidates.flatMap(({ id }, index) => (allowed[index] ? [id] : []))
}

const enabledPersonOf = async (
  { directory }: Pick<Dependencies, 'directory'>,
  { actor }: Caller,
): Promise<Person | undefined> => {
  const person = await personOf(directory, actor)
  return person?.enabled ? person : undefined
}

/**
 * What a query is about: a catalog, or a package and with it the catalog that it is in; neither where no catalog
 * matters.
 */
export interface Whereabouts {
  readonly catalogId?: string
  readonly packageId?: string
}

const catalogIdAt = async (
  { store }: Dependencies,
  { catalogId, packageId }: Whereabouts,
): Promise<string> =>
  catalogId ??
  (packageId === undefined ? '' : (await createStates(store).package(packageId)).catalogId)

/** What the caller may see of things that are somewhere. */
export interface RightsThere {
  /** Who asks; undefined for a service, and for somebody disabled. */
  readonly person: Person | undefined
  /** May they see this? Without a target: by a role. */
  permits(target?: PermissionTarget): boolean
}

/** Roles are read from the log: who loses one loses sight at once, and a deleted package stays its catalog's. */
export const rightsAt = async (
  dependencies: Dependencies,
  caller: Caller,
  name: QueryName,
  where: Whereabouts,
): Promise<RightsThere> => {
  const { store } = dependencies
  const [person, catalogId] = await Promise.all([
    enabledPersonOf(dependencies, caller),
    catalogIdAt(dependencies, where),
  ])
  const facts: ActorFacts = await actorFacts(createStates(store), caller, person, catalogId)
  return { person, permits: (target) => isPermitted(name, caller.actor, facts, target) }
}

/** A5: may the caller see this one thing? See {@link rightsAt}. */
export const maySee = async (
  dependencies: Dependencies,
  caller: Caller,
  name: QueryName,
  where: Whereabouts,
  target: PermissionTarget = {},
): Promise<boolean> => (await rightsAt(dependencies, caller, name, where)).permits(target)

/**
 * For a query that is for a role as a whole, in the whole directory or in any catalog: undefined when the caller has
 * it, else the refusal that says which would be enough.
 */
export const unlessMayAsk = async (
  dependencies: Dependencies,
  caller: Caller,
  name: QueryName,
): Promise<{ readonly ok: false; readonly refusal: Refusal } | undefined> => {
  const person = await enabledPersonOf(dependencies, caller)
  const facts = rolesIn(undefined, caller, person)
  if (isPermitted(name, caller.actor, facts)) return undefined
  const catalogIds =
    person === undefined ? [] : await catalogsOf(dependencies, caller, person, name)
  return catalogIds.length > 0 ? undefined : notPermitted(name, facts, 'any catalog')
}
