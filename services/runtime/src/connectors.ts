import { readFile } from 'node:fs/promises'
import type { Clock } from '@portcullis/core'
import { type Connector, loadConnectors } from '@portcullis/provisioning'
import { type Config, ConfigError } from './config.ts'
import { dataPaths } from './dataFolder.ts'

/** The connectors of the configuration file; without one, `file`, which keeps memberships in a CSV file of the data folder. */
export const openConnectors = async (
  config: Config,
  clock: Clock,
): Promise<ReadonlyMap<string, Connector>> =>
  loadConnectors(
    config.connectorsFile === undefined
      ? [{ name: 'file', kind: 'file', path: dataPaths(config.dataDir).memberships }]
      : await readConfigured(config.connectorsFile),
    { clock, dataDir: config.dataDir },
  )

const readConfigured = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? `isn't JSON: ${error.message}`
        : `can't be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`
    throw new ConfigError([`PORTCULLIS_CONNECTORS: ${path} ${reason}`])
  }
}
