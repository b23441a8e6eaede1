export { type AskTogetherOptions, askTogether } from './askTogether.ts'
export {
  attachEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  ensureEmbeddedPostgres,
  startEmbeddedPostgres,
} from './embedded/embeddedPostgres.ts'
export {
  type EmbeddedPostgresCode,
  EmbeddedPostgresError,
} from './embedded/embeddedPostgresError.ts'
export {
  type DatabaseFailure,
  databaseFailure,
  isTransientError,
  passingFailure,
} from './failures.ts'
export { inTurn, type Turn } from './inTurn.ts'
export { type Migration, MigrationError, migrate } from './migrate.ts'
export { underMigrationLock } from './migrationLock.ts'
export { CONNECTIONS_VARIABLE, isServerFull, NoConnection } from './noConnection.ts'
export { createPool, inTransaction, type PoolOptions, type Sql } from './pool.ts'
export { lendsByTransaction } from './pooler.ts'
export { connectSession, type SessionOptions, START_WAIT_MILLIS } from './session.ts'
export * from './subscription/index.ts'
export { tryLock } from './tryLock.ts'
export { DatabaseInUse, type UseOfDatabase, useAlone, useBesideOthers } from './useOfDatabase.ts'
