export { type BatchConcurrentOptions, batchConcurrent } from './batchConcurrent.ts'
export { delay, timerMillis } from './delay.ts'
export {
  type DatabaseFailure,
  databaseFailure,
  isTransientError,
  passingFailure,
} from './failures.ts'
export { createFiringTurns, type FiringTurns } from './firingTurns.ts'
export { LOCK, LOCK_SPACE } from './locks.ts'
export { type Migration, MigrationError, migrate } from './migrate.ts'
export { underMigrationLock } from './migrationLock.ts'
export { CONNECTIONS_VARIABLE, isServerFull, NoConnection } from './noConnection.ts'
export { createPool, inTransaction, type PoolOptions, type Sql } from './pool.ts'
export { lendsByTransaction } from './pooler.ts'
export { connectSession, type SessionOptions, START_WAIT_MILLIS } from './session.ts'
export { tryLock } from './tryLock.ts'
export { DatabaseInUse, type UseOfDatabase, useAlone, useBesideOthers } from './useOfDatabase.ts'
export { type AdvisoryLock, withAdvisoryLock } from './withAdvisoryLock.ts'
