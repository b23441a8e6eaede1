import { type Decider, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { CatalogEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { CatalogCommand } from './catalog.commands.ts'
import { createCatalog, renameCatalog } from './catalog.create.ts'
import { type CatalogFacts, inCatalog } from './catalog.facts.ts'
import { addOrRemovePerson } from './catalog.people.ts'
import { addResource, removeResource } from './catalog.resources.ts'
import { type CatalogState, evolveCatalog, initialCatalog } from './catalog.state.ts'

const manage = (
  command: Exclude<CatalogCommand, { type: 'CreateCatalog' }>,
  state: CatalogState,
  context: DecisionContext,
  facts: CatalogFacts,
): Decision<CatalogEvent> => {
  switch (command.type) {
    case 'RenameCatalog':
      return renameCatalog(command, state)
    case 'AddCatalogOwner':
    case 'RemoveCatalogOwner':
    case 'AddPackageManager':
    case 'RemovePackageManager':
      return addOrRemovePerson(command, state, facts)
    case 'AddResource':
      return addResource(command, state, context, facts)
    case 'RemoveResource':
      return removeResource(command, state)
    default:
      return command satisfies never
  }
}

/** Containers of packages and who may manage them (S1, S3, S4). */
export const catalogDecider: Decider<CatalogState, CatalogCommand, CatalogEvent, CatalogFacts> = {
  initialState: initialCatalog,
  evolve: evolveCatalog,
  decide: (command, state, context, facts) => {
    if (command.type === 'CreateCatalog') return createCatalog(command, state, context, facts)
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
