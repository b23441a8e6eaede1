import { readFile } from 'node:fs/promises'
import { type Clock, codeOf } from '@portcullis/core'
import type { Log } from '@portcullis/engine'
import {
  type CallbackVerifier,
  type CircuitChange,
  type Connector,
  type ConnectorsConfig,
  type DriftPolicy,
  loadCallbackVerifier,
  loadConnectors,
  loadDriftPolicies,
  readConnectorsConfig,
} from '@portcullis/provisioning'
import { type Config, ConfigError } from './config.ts'
import { dataPaths } from './dataFolder.ts'
import { type Instruments, setCircuit } from './metrics/instruments.ts'
import { publicUrlOf } from './publicUrl.ts'

/**
 * The connectors of the configuration file; without one, `file`, which keeps memberships in a CSV file of the data
 * folder.
 */
export const openConnectors = async (
  config: Config,
  {
    clock,
    log,
    instruments,
  }: { readonly clock: Clock; readonly log: Log; readonly instruments?: Instruments },
): Promise<ReadonlyMap<string, Connector>> =>
  loadConnectors(await readConfigured(config), {
    clock,
    dataDir: config.dataDir,
    apiUrl: publicUrlOf(config),
    onCircuit: (connector, change) => {
      tell(log)(connector, change)
      if (instruments !== undefined) setCircuit(instruments, connector, change.state)
    },
  })

/** What is configured, without opening any of it. @throws ConfigError, ConnectorsConfigError */
export const listConnectors = async (config: Config): Promise<ConnectorsConfig> =>
  readConnectorsConfig(await readConfigured(config))

/** What checks the callbacks of the configured webhooks: all that the API has to know of connectors. */
export const openCallbackVerifier = async (
  config: Config,
  clock: Clock,
): Promise<CallbackVerifier> =>
  loadCallbackVerifier(await readConfigured(config), { clock, dataDir: config.dataDir })

/** What the same file says of drift. @throws ConfigError, ConnectorsConfigError */
export const readDriftPolicies = async (
  config: Config,
): Promise<ReadonlyMap<string, DriftPolicy>> => loadDriftPolicies(await readConfigured(config))

const tell =
  (log: Log) =>
  (connector: string, change: CircuitChange): void => {
    const facts = { connector, ...change }
    if (change.state === 'open' && change.code.endsWith('.throttled'))
      log.warn(facts, 'a connector takes no more for now: its target is left alone for a while')
    else if (change.state === 'open')
      log.warn(facts, 'a connector fails: its target is left alone for a while')
    else if (change.state === 'half-open') log.info(facts, 'a connector is tried again')
    else log.info(facts, 'a connector works again')
  }

const readConfigured = async ({ connectorsFile: path, dataDir }: Config): Promise<unknown> => {
  if (path === undefined)
    return [{ name: 'file', kind: 'file', path: dataPaths(dataDir).memberships }]
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? `isn't JSON: ${error.message}`
        : `can't be read (${codeOf(error) ?? 'unknown'})`
    throw new ConfigError([`PORTCULLIS_CONNECTORS: ${path} ${reason}`])
  }
}
