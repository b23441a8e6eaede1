/**
 * The advisory locks of a database, one number each: two parts that took the same one would wait for each other for no
 * reason, or for ever.
 * Versions that run side by side must mean the same by a number, so none is changed or given again.
 * The embedded server's owner holds 7_274_011_001, in the server's own database `postgres`.
 */
export const LOCK = {
  /** Making and upgrading tables, in one transaction. */
  migrations: 7_274_011_002,
  /**
   * Giving events their positions. Written out in a function of the event store's schema, which can't be edited any
   * more.
   */
  positions: 7_274_011_003,
  /** Engines, and what needs the database to itself, for as long as their sessions last. */
  useOfDatabase: 7_274_011_004,
  /** All migrations of one start, by one process after the other. */
  allMigrations: 7_274_011_005,
  directoryImport: 7_274_011_010,
  /** Making the tables of the views. */
  viewTables: 7_274_012_001,
} as const

/** The locks of a kind that have a name each: the first key of two, the second is a hash of the name. */
export const LOCK_SPACE = {
  /** By projection. */
  rebuild: 7_274_012,
  /** By resource. */
  driftScan: 7_274_013,
  /** That live runners of subscriptions hold, by runner. */
  lease: 7_274_014,
  firing: 7_274_015,
  /** By kind. */
  problemFindings: 7_274_016,
  promiseCheck: 7_274_017,
} as const
