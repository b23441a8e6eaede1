import { accept, type Decider, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { CatalogEvent } from '../events.ts'
import { enoughFor, isPermitted, unlessPermitted } from '../permissions/permissions.ts'
import { type ActorFacts, DEFAULT_CATALOG_ID } from '../permissions/standings.ts'
import type { CatalogCommand, CatalogFacts } from './catalog.commands.ts'
import { type CatalogState, evolveCatalog, initialCatalog } from './catalog.state.ts'

type Of<Type extends CatalogCommand['type']> = Extract<CatalogCommand, { type: Type }>
type Answer = Decision<CatalogEvent>

/** The actor's facts with the catalog that the command is about. */
const inCatalog = (
  { catalogId }: CatalogCommand,
  { displayName }: CatalogState,
  { actor }: CatalogFacts,
): ActorFacts => ({ ...actor, catalog: { id: catalogId, displayName } })

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
  const refusal = unlessPermitted('CreateCatalog', actor, inCatalog(command, state, facts))
  if (refusal !== undefined) return refusal
  if (state.catalogId !== null) {
    return refuse(
      'conflict',
      'catalog.already-exists',
      `The id ${catalogId} is taken by another catalog; choose another id.`,
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
  { actor }: DecisionContext,
  facts: CatalogFacts,
): Answer => {
  const { catalogId, resourceId } = command
  const exists = facts.resource?.exists === true
  const own = exists && facts.resource?.ownedByActor === true
  // Whose it isn't doesn't learn whether there is such a resource.
  if (!own && !isPermitted('AddResourceOfOthers', actor, inCatalog(command, state, facts))) {
    return refuse(
      'forbidden',
      'catalog.resource-not-owned',
      `To add ${resourceId}, a Catalog owner of ${state.displayName} must own the resource as well; ask its owner to be made one, or a User administrator to add it.`,
      { enoughRoles: enoughFor('AddResourceOfOthers') },
    )
  }
  if (!exists) {
    return refuse(
      'not-found',
      'catalog.resource-not-found',
      `The directory knows no resource with the id ${resourceId}; check the id, or import the resource first.`,
      { resourceId },
    )
  }
  return state.resourceIds.includes(resourceId)
    ? accept()
    : accept({ type: 'ResourceAddedToCatalog.v1', data: { catalogId, resourceId } })
}

const manage = (
  command: Exclude<CatalogCommand, { type: 'CreateCatalog' }>,
  state: CatalogState,
  context: DecisionContext,
  facts: CatalogFacts,
): Answer => {
  const { catalogId } = command
  switch (command.type) {
    case 'RenameCatalog': {
      const displayName = command.displayName ?? state.displayName
      const description = command.description ?? state.description
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
      return addResource(command, state, context, facts)
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

/** Containers of packages and who may manage them (S1, S3, S4). */
export const catalogDecider: Decider<CatalogState, CatalogCommand, CatalogEvent, CatalogFacts> = {
  initialState: initialCatalog,
  evolve: evolveCatalog,
  decide: (command, state, context, facts) => {
    if (command.type === 'CreateCatalog') return create(command, state, context, facts)
    // Before it is looked whether there is such a catalog: who may nothing there doesn't learn it.
    const refusal = unlessPermitted(command.type, context.actor, inCatalog(command, state, facts))
    if (refusal !== undefined) return refusal
    if (state.catalogId === null) {
      return refuse(
        'not-found',
        'catalog.not-found',
        `There is no catalog with the id ${command.catalogId}; check the id.`,
      )
    }
    return manage(command, state, context, facts)
  },
}
