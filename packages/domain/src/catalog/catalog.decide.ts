import { accept, type Decider, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import { DEFAULT_CATALOG_ID, forbidden, hasRole } from '../authorisation.ts'
import type { CatalogEvent } from '../events.ts'
import type { CatalogCommand, CatalogFacts } from './catalog.commands.ts'
import { type CatalogState, evolveCatalog, initialCatalog } from './catalog.state.ts'

type Of<Type extends CatalogCommand['type']> = Extract<CatalogCommand, { type: Type }>
type Answer = Decision<CatalogEvent>

/** S1, S3: the creator becomes the first owner; a catalog that the engine or a service makes has none yet. */
const create = (
  command: Of<'CreateCatalog'>,
  state: CatalogState,
  { actor }: DecisionContext,
  facts: CatalogFacts,
): Answer => {
  const { catalogId, displayName, description } = command
  const builtIn = catalogId === DEFAULT_CATALOG_ID
  if (actor.kind === 'system' && builtIn && state.catalogId !== null) return accept()
  const allowed =
    actor.kind === 'system' ? builtIn : hasRole(facts.actor, 'UserAdministrator', 'CatalogCreator')
  if (!allowed) {
    return forbidden('catalog.forbidden', 'create a catalog', [
      'UserAdministrator',
      'CatalogCreator',
    ])
  }
  if (state.catalogId !== null) {
    return refuse(
      'conflict',
      'catalog.already-exists',
      `There is a catalog ${catalogId} already (${state.displayName}); choose another id.`,
    )
  }
  if (builtIn && actor.kind !== 'system') {
    return refuse(
      'not-allowed',
      'catalog.reserved-id',
      `The id ${DEFAULT_CATALOG_ID} is kept for the built-in catalog; choose another id.`,
    )
  }
  const ownerId = actor.kind === 'user' ? actor.id : null
  return accept({
    type: 'CatalogCreated.v1',
    data: { catalogId, displayName, description, ownerId },
  })
}

const ifPersonExists = (personId: string, facts: CatalogFacts, go: () => Answer): Answer =>
  facts.personExists === true
    ? go()
    : refuse(
        'not-found',
        'catalog.person-not-found',
        `The directory knows nobody with the id ${personId}; check the id, or import the person first.`,
        { personId },
      )

const addResource = (
  command: Of<'AddResource'>,
  state: CatalogState,
  facts: CatalogFacts,
): Answer => {
  const { catalogId, resourceId } = command
  if (facts.resource?.exists !== true) {
    return refuse(
      'not-found',
      'catalog.resource-not-found',
      `The directory knows no resource with the id ${resourceId}; check the id, or import the resource first.`,
      { resourceId },
    )
  }
  if (!hasRole(facts.actor, 'UserAdministrator') && !facts.resource.ownedByActor) {
    return refuse(
      'forbidden',
      'catalog.resource-not-owned',
      `To add ${resourceId}, a Catalog owner of ${state.displayName} must own the resource as well; ask its owner to be made one, or a User administrator to add it.`,
      { enoughRoles: ['UserAdministrator'] },
    )
  }
  return state.resourceIds.includes(resourceId)
    ? accept()
    : accept({ type: 'ResourceAddedToCatalog.v1', data: { catalogId, resourceId } })
}

const manage = (
  command: Exclude<CatalogCommand, { type: 'CreateCatalog' }>,
  state: CatalogState,
  facts: CatalogFacts,
): Answer => {
  const { catalogId } = command
  switch (command.type) {
    case 'RenameCatalog': {
      const { displayName, description } = command
      return displayName === state.displayName && description === state.description
        ? accept()
        : accept({ type: 'CatalogRenamed.v1', data: { catalogId, displayName, description } })
    }
    case 'AddCatalogOwner': {
      const { personId } = command
      if (state.ownerIds.includes(personId)) return accept()
      return ifPersonExists(personId, facts, () =>
        accept({ type: 'CatalogOwnerAdded.v1', data: { catalogId, personId } }),
      )
    }
    case 'RemoveCatalogOwner': {
      const { personId } = command
      if (!state.ownerIds.includes(personId)) return accept()
      return state.ownerIds.length === 1
        ? refuse(
            'not-allowed',
            'catalog.last-owner',
            `${personId} is the last owner of ${state.displayName}, and a catalog keeps at least one; add another owner first.`,
          )
        : accept({ type: 'CatalogOwnerRemoved.v1', data: { catalogId, personId } })
    }
    case 'AddPackageManager': {
      const { personId } = command
      if (state.packageManagerIds.includes(personId)) return accept()
      return ifPersonExists(personId, facts, () =>
        accept({ type: 'PackageManagerAdded.v1', data: { catalogId, personId } }),
      )
    }
    case 'RemovePackageManager': {
      const { personId } = command
      return state.packageManagerIds.includes(personId)
        ? accept({ type: 'PackageManagerRemoved.v1', data: { catalogId, personId } })
        : accept()
    }
    case 'AddResource':
      return addResource(command, state, facts)
    case 'RemoveResource': {
      const { resourceId } = command
      return state.resourceIds.includes(resourceId)
        ? accept({ type: 'ResourceRemovedFromCatalog.v1', data: { catalogId, resourceId } })
        : accept()
    }
    default:
      return command satisfies never
  }
}

const ACTIONS: Readonly<Record<Exclude<CatalogCommand['type'], 'CreateCatalog'>, string>> = {
  RenameCatalog: 'rename this catalog',
  AddCatalogOwner: 'add an owner to this catalog',
  RemoveCatalogOwner: 'remove an owner from this catalog',
  AddPackageManager: 'add an access package manager to this catalog',
  RemovePackageManager: 'remove an access package manager from this catalog',
  AddResource: 'add a resource to this catalog',
  RemoveResource: 'remove a resource from this catalog',
}

/** Containers of packages and who may manage them (S1, S3, S4). */
export const catalogDecider: Decider<CatalogState, CatalogCommand, CatalogEvent, CatalogFacts> = {
  initialState: initialCatalog,
  evolve: evolveCatalog,
  decide: (command, state, context, facts) => {
    if (command.type === 'CreateCatalog') return create(command, state, context, facts)
    if (state.catalogId === null) {
      return refuse(
        'not-found',
        'catalog.not-found',
        `There is no catalog with the id ${command.catalogId}; check the id.`,
      )
    }
    if (!hasRole(facts.actor, 'UserAdministrator', 'CatalogOwner')) {
      const roles = ['UserAdministrator', 'CatalogOwner'] as const
      return forbidden('catalog.forbidden', ACTIONS[command.type], roles, state.displayName)
    }
    return manage(command, state, facts)
  },
}
