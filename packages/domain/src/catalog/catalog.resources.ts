import { accept, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { CatalogEvent } from '../events.ts'
import { enoughFor, isPermitted } from '../permissions/permissions.ts'
import { type CatalogFacts, inCatalog } from './catalog.facts.ts'
import type { CatalogState } from './catalog.state.ts'

type Answer = Decision<CatalogEvent>

export interface AddResource {
  readonly type: 'AddResource'
  readonly catalogId: string
  readonly resourceId: string
}

export interface RemoveResource {
  readonly type: 'RemoveResource'
  readonly catalogId: string
  readonly resourceId: string
}

/** S4: a Catalog owner adds what they own, a User administrator anything. */
export const addResource = (
  command: AddResource,
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

export const removeResource = (
  { catalogId, resourceId }: RemoveResource,
  state: CatalogState,
): Answer =>
  state.resourceIds.includes(resourceId)
    ? accept({ type: 'ResourceRemovedFromCatalog.v1', data: { catalogId, resourceId } })
    : accept()
