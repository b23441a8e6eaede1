import type { Clock } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { errorText, type Log } from '@portcullis/engine'
import { underMigrationLock } from '@portcullis/postgres'
import type { SignInConfig } from '@portcullis/runtime'
import type pg from 'pg'
import { createProvider } from './provider.ts'
import { openSessionKeys } from './sessionKeys.ts'
import { createSessionStore } from './sessionStore.ts'
import { createSessions } from './sessions.ts'
import { migrateSignIn } from './sessionTables.ts'
import { createSignInRecords } from './signInRecords.ts'
import type { SignIn } from './signInRoutes.ts'

export interface OpenSignIn extends SignIn {
  readonly perAddress: number
  /** Deletes what is over; also done by itself every minute. */
  sweep(): Promise<void>
  close(): void
}

const SWEEP_MILLIS = 60_000

/**
 * Everything that people sign in with: tables, keys, sessions, the identity provider.
 * @param dependencies `keyDir` is the key folder, which all processes share
 * @throws KeyFileError, MigrationError, errors of connecting
 */
export const openSignIn = async (
  config: SignInConfig,
  dependencies: {
    readonly pool: pg.Pool
    readonly databaseUrl: string
    readonly directory: Directory
    readonly clock: Clock
    readonly log: Log
    readonly keyDir: string
    /** Where browsers reach the portal, without a slash at the end. */
    readonly baseUrl: string
  },
): Promise<OpenSignIn> => {
  const { pool, databaseUrl, directory, clock, log, keyDir, baseUrl } = dependencies
  const keys = await openSessionKeys(keyDir)
  await underMigrationLock(
    databaseUrl,
    () => log.info({}, 'another process brings the tables up to date; waiting for it'),
    () => migrateSignIn(pool),
  )
  const store = createSessionStore(pool, clock, config)
  const records = createSignInRecords(pool)
  const sweep = async (): Promise<void> => {
    await store.sweep()
    await records.sweep(clock.now())
  }
  const timer = setInterval(() => {
    sweep().catch((error: unknown) =>
      log.warn({ error: errorText(error) }, 'sessions that are over could not be deleted'),
    )
  }, SWEEP_MILLIS)
  timer.unref()
  return {
    sessions: createSessions(store, keys, baseUrl),
    provider: createProvider(config, { clock, baseUrl }),
    records,
    keys,
    rules: config.match,
    directory,
    perAddress: config.perAddress,
    sweep,
    close: () => clearInterval(timer),
  }
}
