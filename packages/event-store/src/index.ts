export {
  type Codec,
  createCodec,
  type EncodedEvent,
  type EventSchemas,
  MAX_EVENT_BYTES,
} from './codec.ts'
export {
  AppendTooLarge,
  EventInvalid,
  EventStoreClosed,
  EventStoreUnavailable,
  PositionBeyondLog,
  PositionNotInLog,
} from './errors.ts'
export { EventStoreDbUnusable } from './eventstoredb/connection.ts'
export {
  createEventStoreDbEventStore,
  type EventStoreDbOptions,
} from './eventstoredb/eventStoreDbEventStore.ts'
export {
  createMemoryEventStore,
  createMemoryLog,
  type MemoryLog,
} from './memory/memoryEventStore.ts'
export {
  type EventStoreDbStoredLogOptions,
  openEventStoreDbStoredLog,
} from './move/eventStoreDbStoredLog.ts'
export { type Moved, type MovePhase, type MoveProgress, moveLog } from './move/moveLog.ts'
export { openPostgresStoredLog } from './move/postgresStoredLog.ts'
export {
  LogChanged,
  LogOutOfOrder,
  NotACopy,
  type StoredEvent,
  type StoredLog,
} from './move/storedLog.ts'
export { migrateLogAsOwner } from './postgres/migrateAsOwner.ts'
export {
  createPostgresEventStore,
  type PostgresEventStoreOptions,
} from './postgres/postgresEventStore.ts'
export type { Upcaster, Upcasters } from './upcasters.ts'
