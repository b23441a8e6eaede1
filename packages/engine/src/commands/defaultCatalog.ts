import { type Clock, createCommandHandler, deriveId, type EventStore } from '@portcullis/core'
import { catalogDecider, catalogStream } from '@portcullis/domain'

/** The built-in catalog, where packages go for which no catalog is named (S1). */
export const DEFAULT_CATALOG = 'default'

/** Makes the built-in catalog where it isn't there yet: one command for ever, whoever sends it first. */
export const ensureDefaultCatalog = async (dependencies: {
  readonly store: EventStore
  readonly clock: Clock
}): Promise<void> => {
  await createCommandHandler(dependencies)({
    stream: catalogStream(DEFAULT_CATALOG),
    decider: catalogDecider,
    command: {
      type: 'CreateCatalog',
      catalogId: DEFAULT_CATALOG,
      displayName: 'Default',
      description: 'Access packages that nobody has put into a catalog of their own.',
    },
    envelope: {
      commandId: deriveId('default-catalog'),
      actor: { kind: 'system', id: 'engine' },
    },
    facts: () => ({ actor: { directoryRoles: [], catalogRoles: [] } }),
  })
}
