import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EmbeddedPostgresError, OTHER_SERVER } from './embeddedPostgresError.ts'

const run = promisify(execFile)

/** The operating system user that the server runs under, where it isn't our own. */
export interface Account {
  readonly uid: number
  readonly gid: number
  readonly name: string
}

const NAME = 'portcullis'

/** PostgreSQL refuses to run as root, for good reasons: a hole in it would be a hole in the machine. */
export const isRoot = (): boolean => process.getuid?.() === 0

const lookUp = async (name: string): Promise<Account | undefined> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout), name }
  } catch {
    return undefined
  }
}

/** A user by number, with its name where there is one. */
export const accountOf = async (uid: number, gid: number): Promise<Account> => {
  const named = await run('id', ['-un', String(uid)]).catch(() => undefined)
  return { uid, gid, name: named?.stdout.trim() ?? `user ${uid}` }
}

/**
 * The unprivileged user for a server that root starts: `portcullis`, made as a system user without home and login when
 * there is none; where users can't be made, `nobody`.
 * @throws EmbeddedPostgresError no-account
 */
export const serverAccount = async (log: (message: string) => void): Promise<Account> => {
  const existing = await lookUp(NAME)
  if (existing !== undefined) return existing
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      NAME,
    ])
    log(`created the system user "${NAME}": PostgreSQL does not run as root`)
  } catch {
    // No useradd here, or another process has just made the user: the look-up below decides.
  }
  const account = (await lookUp(NAME)) ?? (await lookUp('nobody'))
  if (account === undefined)
    throw new EmbeddedPostgresError(
      'embedded-postgres.no-account',
      `PostgreSQL does not run as root, and there is no user "${NAME}" or "nobody" to run it under. Create the user "${NAME}", start Portcullis as an ordinary user, ${OTHER_SERVER}.`,
    )
  return account
}

/**
 * Whether that user can go into a folder (every folder above it counts) and, if asked, write there. Asked by trying:
 * rights may hide in ACLs and mounts.
 */
export const canEnter = async (
  account: Account,
  folder: string,
  write: boolean,
): Promise<boolean> => {
  const script = write ? 'cd "$1" && test -w .' : 'cd "$1"'
  try {
    await run('/bin/sh', ['-c', script, 'sh', folder], {
      uid: account.uid,
      gid: account.gid,
      cwd: '/',
    })
    return true
  } catch {
    return false
  }
}
