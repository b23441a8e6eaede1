import { type Clock, createCommandHandler, deriveId, type EventStore } from '@portcullis/core'
import { catalogDecider, catalogStream, DEFAULT_CATALOG_ID } from '@portcullis/domain'

/** Makes the built-in catalog where it isn't there yet: one command for ever, no matter who sends it first. */
export const ensureDefaultCatalog = async (dependencies: {
  readonly store: EventStore
  readonly clock: Clock
}): Promise<void> => {
  await createCommandHandler(dependencies)({
    stream: catalogStream(DEFAULT_CATALOG_ID),
    decider: catalogDecider,
    command: {
      type: 'CreateCatalog',
      catalogId: DEFAULT_CATALOG_ID,
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
