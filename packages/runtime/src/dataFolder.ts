import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '@portcullis/core'
import { ConfigError } from './config.ts'

/** Where things are in the data folder. */
export const dataPaths = (dataDir: string) => ({
  keys: join(dataDir, 'keys'),
  mails: join(dataDir, 'mails'),
  /** The API's address, written while it runs: for commands on the same machine. */
  address: join(dataDir, 'address'),
  memberships: 'memberships.csv',
})

/**
 * Makes the data folder when it isn't there.
 * @throws ConfigError when it can't be made or written to
 */
export const openDataFolder = async (dataDir: string): Promise<void> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 })
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown'
    throw new ConfigError([
      `PORTCULLIS_DATA: the data folder ${dataDir} can't be used (${reason}); make it writable for this user, or name another folder`,
    ])
  }
}
