import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { codeOf, messageOf } from '@portcullis/core'
import { EmbeddedPostgresError, explain, OTHER_SERVER } from './embeddedPostgresError.ts'
import type { Place } from './place.ts'

/** The one database user of the embedded server. */
export const SUPERUSER = 'portcullis'
/** The database that the engine uses. */
export const DATABASE = 'portcullis'

/** One major version's files: `data/` is PostgreSQL's own, `password` and `server.log` are ours. */
export interface Cluster {
  readonly folder: string
  readonly data: string
  readonly logFile: string
  readonly password: string
}

const MAJOR = /^\d+$/
const ABANDONED_AFTER_MS = 10 * 60_000

/** Environment for PostgreSQL's programs: nothing of ours but what a program needs, and English messages. */
export const serverEnvironment = (): NodeJS.ProcessEnv => {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'HOME']
  const entries = kept.map((name) => [name, process.env[name]] as const)
  return {
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    LC_ALL: 'C',
    TZ: 'UTC',
  }
}

/**
 * Opens a cluster that is there.
 * @returns undefined when there is none
 * @throws EmbeddedPostgresError other-version, folder-rights, damaged
 */
export const openCluster = async (folder: string, major: string): Promise<Cluster | undefined> => {
  const cluster = path.join(folder, major)
  try {
    if ((await stat(cluster).catch(ignoreMissing)) === undefined) {
      await refuseOtherMajor(folder, major)
      return undefined
    }
    const data = path.join(cluster, 'data')
    const written = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim()
    if (written !== major) throw otherVersion(cluster, written, major)
    const password = (await readFile(path.join(cluster, 'password'), 'utf8')).trim()
    return { folder: cluster, data, logFile: path.join(cluster, 'server.log'), password }
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      throw new EmbeddedPostgresError(
        'embedded-postgres.damaged',
        `The embedded PostgreSQL in ${cluster} lacks a file (${messageOf(error)}). Restore the folder from a copy, move it away to start empty, ${OTHER_SERVER}.`,
        { cause: error },
      )
    throw explain(error, 'Opening the embedded PostgreSQL', cluster)
  }
}

const ignoreMissing = (error: unknown): undefined => {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

const refuseOtherMajor = async (folder: string, major: string): Promise<void> => {
  const entries = (await readdir(folder).catch(ignoreMissing)) ?? []
  const other = entries.filter((entry) => MAJOR.test(entry) && entry !== major).at(-1)
  if (other !== undefined) throw otherVersion(path.join(folder, other), other, major)
}

const otherVersion = (cluster: string, written: string, major: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'embedded-postgres.other-version',
    `${cluster} was written by PostgreSQL ${written}; this release of Portcullis brings PostgreSQL ${major}, which can't read it. Start the release that wrote it and dump its database (pg_dump --format=custom; the user is ${SUPERUSER}, the port is line 4 of data/postmaster.pid, the password is in the file password), move ${cluster} away, start this release once, and load the dump with pg_restore; or go back to that release.`,
  )

/**
 * Makes a new cluster beside its final place and renames it there, so that a crash half-way leaves nothing that looks
 * like one.
 * When another process was faster, its cluster is opened instead.
 * @throws EmbeddedPostgresError disk-full, folder-rights, failed
 */
export const createCluster = async (place: Place): Promise<Cluster> => {
  const { folder, account, binaries } = place
  const target = path.join(folder, binaries.major)
  let fresh: string | undefined
  try {
    await removeAbandoned(folder)
    fresh = await mkdtemp(`${target}.new-`)
    const password = randomBytes(24).toString('base64url')
    const data = path.join(fresh, 'data')
    const passwordFile = path.join(fresh, 'password')
    await mkdir(data, { mode: 0o700 })
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    if (account !== undefined)
      for (const entry of [fresh, data, passwordFile]) await chown(entry, account.uid, account.gid)
    await initdb(place, data, passwordFile)
    await rename(fresh, target).catch(async (error: unknown) => {
      if ((await stat(target).catch(ignoreMissing)) === undefined) throw error
    })
  } catch (error) {
    throw explain(error, 'Creating the embedded PostgreSQL', target)
  } finally {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true })
  }
  const cluster = await openCluster(folder, binaries.major)
  if (cluster === undefined) throw explain(undefined, 'Creating the embedded PostgreSQL', target)
  return cluster
}

const removeAbandoned = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder)) {
    if (!/^\d+\.new-/.test(entry)) continue
    const found = await stat(path.join(folder, entry)).catch(ignoreMissing)
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS)
      await rm(path.join(folder, entry), { recursive: true, force: true })
  }
}

/**
 * Sorts by code point and folds case by Unicode, on every platform alike: the built-in C.UTF-8, not the machine's
 * locales.
 */
const initdb = async (place: Place, data: string, passwordFile: string): Promise<void> => {
  const { account, binaries } = place
  const child = spawn(
    binaries.initdb,
    [
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ],
    {
      env: serverEnvironment(),
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.on('error', reject)
  child.on('close', resolve)
  const status = await promise
  if (status !== 0)
    throw explain(undefined, 'Creating the embedded PostgreSQL (initdb)', data, output)
}
