import { accept, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { CatalogEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import { DEFAULT_CATALOG_ID } from '../permissions/standings.ts'
import { type CatalogFacts, inCatalog } from './catalog.facts.ts'
import type { CatalogState } from './catalog.state.ts'

type Answer = Decision<CatalogEvent>

export interface CreateCatalog {
  readonly type: 'CreateCatalog'
  readonly catalogId: string
  readonly displayName: string
  readonly description: string
}

export interface RenameCatalog {
  readonly type: 'RenameCatalog'
  readonly catalogId: string
  /** Null leaves as it is. */
  readonly displayName: string | null
  readonly description: string | null
}

/** S1, S3: the creator becomes the first owner; a catalog that the engine or a service makes has none yet. */
export const createCatalog = (
  command: CreateCatalog,
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

export const renameCatalog = (command: RenameCatalog, state: CatalogState): Answer => {
  const { catalogId } = command
  const displayName = command.displayName ?? state.displayName
  const description = command.description ?? state.description
  return displayName === state.displayName && description === state.description
    ? accept()
    : accept({ type: 'CatalogRenamed.v1', data: { catalogId, displayName, description } })
}
