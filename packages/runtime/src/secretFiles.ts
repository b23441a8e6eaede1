import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { codeOf } from '@portcullis/core'
import { ConfigError } from './configError.ts'

/** Variables whose value may be in a file instead, as containers get their secrets. */
export const SECRETS = [
  'DATABASE_URL',
  'EVENTSTORE_URL',
  'REDIS_URL',
  'SMTP_PASSWORD',
  'PORTCULLIS_OIDC_CLIENT_SECRET',
] as const

/**
 * The secrets that are in files: for `NAME_FILE` what its file holds, as `NAME`.
 * @param cwd where relative paths start
 * @throws ConfigError that names each variable whose file can't be read, or whose value is given twice
 */
export const secretsOfFiles = (
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  const mistakes: string[] = []
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`]?.trim()
    if (path === undefined || path === '') continue
    if ((env[name]?.trim() ?? '') !== '')
      mistakes.push(`${name} and ${name}_FILE are both set; keep one of them`)
    else
      try {
        found[name] = readFileSync(resolve(cwd, path), 'utf8')
      } catch (error) {
        const reason = codeOf(error) ?? 'unreadable'
        mistakes.push(`${name}_FILE names a file that can't be read (${reason})`)
      }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return found
}
