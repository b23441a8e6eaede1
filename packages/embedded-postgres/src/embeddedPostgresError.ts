import { codeOf } from '@portcullis/core'

/** Why the embedded server can't run; part of the public contract. */
export type EmbeddedPostgresCode =
  | 'embedded-postgres.binaries-missing'
  | 'embedded-postgres.port-taken'
  | 'embedded-postgres.disk-full'
  | 'embedded-postgres.folder-rights'
  | 'embedded-postgres.in-use'
  | 'embedded-postgres.other-version'
  | 'embedded-postgres.no-account'
  | 'embedded-postgres.not-running'
  | 'embedded-postgres.damaged'
  | 'embedded-postgres.failed'

/** The embedded server can't run. The message says what is wrong and the way out; never a password. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresCode
  constructor(code: EmbeddedPostgresCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EmbeddedPostgresError'
    this.code = code
  }
}

/** What every message ends with where nothing nearer helps. */
export const OTHER_SERVER = 'or set DATABASE_URL to a PostgreSQL server of your own'

/**
 * Turns an error of the file system, or what a server program printed before it gave up, into an {@link
 * EmbeddedPostgresError}.
 * @param doing what was tried, as in "starting PostgreSQL"
 * @param place the folder or file that it was about
 */
export const explain = (
  error: unknown,
  doing: string,
  place: string,
  output = '',
): EmbeddedPostgresError => {
  if (error instanceof EmbeddedPostgresError) return error
  const code = codeOf(error)
  const cause = { cause: error }
  if (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    /No space left on device|quota exceeded/i.test(output)
  )
    return new EmbeddedPostgresError(
      'embedded-postgres.disk-full',
      `${doing}: no space left for ${place}. PostgreSQL needs about 100 MB to begin with; free some, choose another data folder, ${OTHER_SERVER}.`,
      cause,
    )
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    code === 'ENOTDIR' ||
    /Permission denied|Read-only file system|wrong ownership/i.test(output)
  )
    return new EmbeddedPostgresError(
      'embedded-postgres.folder-rights',
      `${doing}: this user may not use ${place}${code === undefined ? '' : ` (${code})`}. Give the folder to the user that runs Portcullis (chown, chmod 700), choose another data folder, ${OTHER_SERVER}.${quote(output)}`,
      cause,
    )
  const reason = error instanceof Error ? ` ${error.message}.` : ''
  return new EmbeddedPostgresError(
    'embedded-postgres.failed',
    `${doing} failed for ${place}.${reason} Look at the server's log there, ${OTHER_SERVER}.${quote(output)}`,
    cause,
  )
}

/** The last lines of a program's output, for a message. */
const quote = (output: string): string => {
  const lines = output.trim().split('\n').filter(Boolean).slice(-6)
  return lines.length === 0 ? '' : `\n  ${lines.join('\n  ')}`
}
