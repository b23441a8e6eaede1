import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '@portcullis/core'
import { findBinaries } from './binaries.ts'
import { type Cluster, createCluster, openCluster } from './cluster.ts'
import { EmbeddedPostgresError, explain, OTHER_SERVER } from './embeddedPostgresError.ts'
import { answers, claim, type OwnerConnection, urlOf } from './ownership.ts'
import { choosePlace, clustersFolder, type Place } from './place.ts'
import {
  freePort,
  isServerOf,
  launch,
  readPostmaster,
  removeStalePidFile,
  stopServer,
} from './serverProcess.ts'

export interface EmbeddedPostgresOptions {
  /**
   * The engine's data folder; the server's files go to `postgres/<major>` in it (or to where `postgres/location`
   * points).
   */
  readonly dataDir: string
  /** Told what is worth knowing; never a password. */
  readonly log: (message: string) => void
  /** Of 127.0.0.1; a free one when absent. */
  readonly port?: number
}

export interface EmbeddedPostgres {
  /** Address with the password in it: never log it. */
  readonly url: string
  /** As in `18.4`. */
  readonly version: string
  /** False when another process owns the server; then `stop` leaves it running. */
  readonly owned: boolean
  /** Stops the server and resolves when it is gone. Close pools first. */
  stop(): Promise<void>
}

const POLL_MS = 50
/** How long a lock of another process, or what a killed server left behind, may take to go. */
const PATIENCE_MS = 3_000
const CLEANUP_PATIENCE_MS = 30_000
const PORT_ATTEMPTS = 10
/** Between tries to start a server again that died under us and won't start, for lack of space say. */
const RESTART_MS = 5_000

interface Owned {
  readonly pid: number
  readonly port: number
  readonly connection: OwnerConnection
}

/**
 * Starts the private PostgreSQL of a data folder, making it at the first start. Durable, loopback only, random
 * password.
 * Takes over a server that a killed engine left running; clears up after a killed server; starts the server again when
 * it dies under us.
 * @throws EmbeddedPostgresError with a code and the way out
 */
export const startEmbeddedPostgres = (
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> => startWithSettings(options, [])

/** As {@link startEmbeddedPostgres}, with settings of ours overridden: for tests that needn't survive a power cut. */
export const startWithSettings = async (
  options: EmbeddedPostgresOptions,
  extraSettings: readonly string[],
): Promise<EmbeddedPostgres> => {
  const { dataDir, log } = options
  const place = await choosePlace(dataDir, await findBinaries(), log)
  const cluster =
    (await openCluster(place.folder, place.binaries.major)) ?? (await createCluster(place))
  const stopping = new AbortController()
  let owned = await takeOrStart(place, cluster, options.port, log, extraSettings)
  let restarting: Promise<void> | undefined

  const restart = async (): Promise<void> => {
    log('PostgreSQL went away; starting it again')
    while (!stopping.signal.aborted) {
      try {
        owned = await takeOrStart(place, cluster, owned.port, log, extraSettings)
        log('PostgreSQL is back')
        watch()
        return
      } catch (error) {
        log(messageOf(error))
        await delay(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }
  const watch = (): void => {
    owned.connection.client.once('end', () => {
      if (!stopping.signal.aborted) restarting = restart()
    })
  }
  watch()
  return {
    url: urlOf(cluster, owned.port),
    version: owned.connection.version,
    owned: true,
    stop: async () => {
      if (stopping.signal.aborted) return
      stopping.abort()
      await restarting
      await stopServer(place, cluster, owned.pid, log)
      await owned.connection.client.end().catch(() => {})
    },
  }
}

/**
 * Becomes the owner of the cluster's running server, or runs one. Loops, because each look is out of date as soon as it
 * is taken.
 */
const takeOrStart = async (
  place: Place,
  cluster: Cluster,
  fixedPort: number | undefined,
  log: (message: string) => void,
  extraSettings: readonly string[],
): Promise<Owned> => {
  const begun = performance.now()
  const waited = (): number => performance.now() - begun
  let ports = 0
  for (;;) {
    const found = await readPostmaster(cluster)
    if (found !== undefined && (await isServerOf(cluster, found.pid))) {
      const claimed = await claim(cluster, found.port)
      if (claimed.kind === 'owned') {
        const { connection } = claimed
        if (fixedPort === undefined || fixedPort === found.port) return { ...found, connection }
        await stopServer(place, cluster, found.pid, log)
        await connection.client.end().catch(() => {})
        continue
      }
      if (claimed.kind === 'taken' && waited() > PATIENCE_MS) throw inUse(cluster, claimed.by)
      if (claimed.kind === 'silent' && waited() > CLEANUP_PATIENCE_MS)
        throw explain(claimed.error, 'Connecting to the embedded PostgreSQL', cluster.folder)
      await delay(POLL_MS)
      continue
    }
    if (found !== undefined) await removeStalePidFile(cluster)
    const port = fixedPort ?? (await freePort())
    const launched = await launch(place, cluster, port, extraSettings).catch((error: unknown) => {
      throw explain(error, 'Starting the embedded PostgreSQL', cluster.folder)
    })
    if (launched.ok) continue
    const { output } = launched
    if (/Address already in use|could not bind/.test(output)) {
      ports += 1
      if (fixedPort !== undefined) throw portTaken(fixedPort)
      if (ports < PORT_ATTEMPTS) continue
    }
    // Backends of a killed server are still on their way out, or another process is starting the same cluster.
    const passing = /pre-existing shared memory block|lock file "postmaster.pid"/.test(output)
    if (!passing || waited() > CLEANUP_PATIENCE_MS)
      throw explain(undefined, 'Starting the embedded PostgreSQL', cluster.folder, output)
    await delay(POLL_MS)
  }
}

const inUse = (cluster: Cluster, by: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'embedded-postgres.in-use',
    `The data in ${cluster.folder} is in use by another engine (${by}). Stop that one first, choose another data folder, ${OTHER_SERVER}.`,
  )

const portTaken = (port: number): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'embedded-postgres.port-taken',
    `Port ${port} of 127.0.0.1 is taken by another program. Choose another port for the embedded PostgreSQL, or none: then it takes a free one.`,
  )

/**
 * Finds the server that another process runs for a data folder.
 * @throws EmbeddedPostgresError not-running, folder-rights
 */
export const attachEmbeddedPostgres = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const { major } = await findBinaries()
  const folder = await clustersFolder(dataDir)
  try {
    const cluster = await openCluster(folder, major)
    const found = cluster === undefined ? undefined : await readPostmaster(cluster)
    if (cluster !== undefined && found !== undefined) {
      const version = await answers(cluster, found.port)
      if (version !== undefined)
        return { url: urlOf(cluster, found.port), version, owned: false, stop: async () => {} }
    }
  } catch (error) {
    throw explain(error, 'Looking for the embedded PostgreSQL', folder)
  }
  throw new EmbeddedPostgresError(
    'embedded-postgres.not-running',
    `No embedded PostgreSQL runs for the data folder ${dataDir}. Start the engine first, or name the right data folder.`,
  )
}

/** The running server of a data folder when there is one, else a new one, which the caller owns and stops. */
export const ensureEmbeddedPostgres = async (
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> => {
  try {
    return await attachEmbeddedPostgres(options.dataDir)
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError) || error.code !== 'embedded-postgres.not-running')
      throw error
    return startEmbeddedPostgres(options)
  }
}
