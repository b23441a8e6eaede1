export {
  type Codec,
  createCodec,
  type EncodedEvent,
  type EventSchemas,
  MAX_EVENT_BYTES,
} from './codec.ts'
export {
  EventInvalid,
  EventStoreClosed,
  EventStoreUnavailable,
  PositionBeyondLog,
} from './errors.ts'
export {
  createMemoryEventStore,
  createMemoryLog,
  type MemoryLog,
} from './memory/memoryEventStore.ts'
export {
  createPostgresEventStore,
  type PostgresEventStoreOptions,
} from './postgres/postgresEventStore.ts'
export type { Upcaster, Upcasters } from './upcasters.ts'
