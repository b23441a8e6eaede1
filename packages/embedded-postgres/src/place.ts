import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { codeOf } from '@portcullis/core'
import { type Account, accountOf, canEnter, isRoot, serverAccount } from './account.ts'
import { type Binaries, copyBinaries } from './binaries.ts'
import { EmbeddedPostgresError, explain, OTHER_SERVER } from './embeddedPostgresError.ts'

const run = promisify(execFile)

/**
 * Where root keeps what another user must reach, when the data folder is somewhere that only root can go, as under
 * /root.
 */
const SHARED_ROOT = '/var/lib/portcullis'

/**
 * Holds the path of the folder that is used instead, when there is one. Its random name belongs to this data folder
 * alone: one that is deleted and made anew starts empty.
 */
const POINTER = 'location'

/** Where a data folder's clusters live, one folder a major version, and who runs them. */
export interface Place {
  readonly folder: string
  /** Absent: our own user. */
  readonly account: Account | undefined
  readonly binaries: Binaries
}

/** The folder that holds the clusters of a data folder, following the pointer. */
export const clustersFolder = async (dataDir: string): Promise<string> => {
  const usual = path.join(path.resolve(dataDir), 'postgres')
  try {
    return (await readFile(path.join(usual, POINTER), 'utf8')).trim() || usual
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return usual
    throw explain(error, 'Looking for the embedded PostgreSQL', usual)
  }
}

/**
 * Finds or makes the folder for a data folder's clusters, and the user to run them under.
 * An ordinary user: `<dataDir>/postgres`, no other user. Root: the owner of a cluster that exists, else the user of
 * {@link serverAccount}; where that user can't go, a folder below /var/lib/portcullis, with a pointer in the data
 * folder.
 * @throws EmbeddedPostgresError
 */
export const choosePlace = async (
  dataDir: string,
  binaries: Binaries,
  log: (message: string) => void,
): Promise<Place> => {
  const usual = path.join(path.resolve(dataDir), 'postgres')
  try {
    await mkdir(usual, { recursive: true, mode: isRoot() ? 0o755 : 0o700 })
    let folder = await clustersFolder(dataDir)
    if (folder !== usual && (await stat(folder).catch(() => undefined)) === undefined)
      throw gone(usual, folder)
    if (!isRoot()) return { folder, account: undefined, binaries }
    const owner = await ownerOf(path.join(folder, binaries.major, 'data'))
    const account = owner ?? (await serverAccount(log))
    if (!(await canEnter(account, folder, false))) {
      if (owner !== undefined || folder !== usual) throw unreachable(folder, account)
      folder = await claimSharedFolder(usual, account)
      log(
        `PostgreSQL keeps its files in ${folder}: it runs as "${account.name}", who can't go into ${usual}`,
      )
    }
    return { folder, account, binaries: await reachable(binaries, account, log) }
  } catch (error) {
    throw explain(error, 'Preparing the embedded PostgreSQL', usual)
  }
}

/**
 * Makes a folder below {@link SHARED_ROOT} and the pointer to it; when another process was faster, its folder is taken.
 */
const claimSharedFolder = async (usual: string, account: Account): Promise<string> => {
  const folder = path.join(SHARED_ROOT, randomBytes(8).toString('hex'))
  const draft = path.join(usual, `${POINTER}.${path.basename(folder)}`)
  let claimed = false
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 })
    if (!(await canEnter(account, folder, false))) throw unreachable(folder, account)
    await writeFile(draft, `${folder}\n`)
    // Unlike writing, linking is all or nothing, and refuses when the name is there.
    claimed = await link(draft, path.join(usual, POINTER)).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false
        throw error
      },
    )
  } finally {
    await rm(draft, { force: true })
    if (!claimed) await rm(folder, { recursive: true, force: true })
  }
  return claimed ? folder : clustersFolder(path.dirname(usual))
}

const gone = (usual: string, folder: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'embedded-postgres.damaged',
    `The embedded PostgreSQL of ${usual} kept its files in ${folder}, which is gone. Restore that folder from a copy, delete ${path.join(usual, POINTER)} to start empty, ${OTHER_SERVER}.`,
  )

const unreachable = (folder: string, account: Account): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'embedded-postgres.folder-rights',
    `PostgreSQL runs as "${account.name}", who can't go into ${folder}. Let that user pass (chmod a+x on the folders above it) or move the data folder to where everybody can go.`,
  )

/** Who owns a cluster that an ordinary user, or we as root, made earlier; undefined when it is not there. */
const ownerOf = async (data: string): Promise<Account | undefined> => {
  const found = await stat(data).catch(() => undefined)
  if (found === undefined || found.uid === 0) return undefined
  return accountOf(found.uid, found.gid)
}

const reachable = async (
  binaries: Binaries,
  account: Account,
  log: (message: string) => void,
): Promise<Binaries> => {
  try {
    const { uid, gid } = account
    await run(binaries.postgres, ['--version'], { uid, gid, cwd: '/' })
    return binaries
  } catch {
    const copy = await copyBinaries(binaries, SHARED_ROOT)
    log(
      `PostgreSQL's programs run from ${copy.root}: "${account.name}" can't reach ${binaries.root}`,
    )
    return copy
  }
}
