import { access } from 'node:fs/promises'
import { createTokenIssuer } from '@portcullis/api'
import type { DirectoryRole } from '@portcullis/domain'
import { dataPaths, EXIT, systemClock } from '@portcullis/runtime'
import { configFrom } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'

export interface TokenFlags {
  readonly data?: string
  readonly as?: string
  readonly service?: string
  readonly role?: readonly DirectoryRole[]
  readonly hours: number
}

const HOUR_SECONDS = 3600

/** Prints a token signed with the key of the data folder: anybody who can read that folder may speak for anybody. */
export const token = async (flags: TokenFlags, output: Output): Promise<void> => {
  const issued = await issue(flags)
  await output.print(issued.token, issued)
}

export const issue = async (flags: TokenFlags) => {
  const config = configFrom(flags)
  // A key made in the wrong folder would sign tokens that no engine knows.
  await access(config.dataDir).catch(() => {
    throw new CommandFailed(
      `there is no data folder ${config.dataDir}; start the engine first (npm start), or name its data folder with --data`,
      EXIT.unreachable,
    )
  })
  const issueToken = await createTokenIssuer({
    clock: systemClock,
    keyDir: dataPaths(config.dataDir).keys,
  })
  return issueToken({
    sub: flags.service ?? flags.as ?? '',
    kind: flags.service === undefined ? 'user' : 'service',
    ttlSeconds: Math.round(flags.hours * HOUR_SECONDS),
    ...(flags.role === undefined ? {} : { roles: flags.role }),
  })
}
