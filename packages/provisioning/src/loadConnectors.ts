import { resolve } from 'node:path'
import type { Clock } from '@portcullis/core'
import { fromEach, readNamed, secretOf, type Whereabouts } from './configFile.ts'
import type { Connector, Preexisting } from './connector.ts'
import { awaitedForMillis, type ConnectorsConfig } from './connectors.config.ts'
import { createFileConnector } from './file/fileConnector.ts'
import type { CircuitChange } from './governed/circuit.ts'
import { governed } from './governed/governed.ts'
import { type DefaultLimits, limitsOf } from './governed/limits.ts'
import { createLdapConnector } from './ldap/ldapConnector.ts'
import { createScimConnector } from './scim/scimConnector.ts'
import { createWebhookConnector } from './webhook/webhookConnector.ts'

export interface LoadConnectorsOptions extends Whereabouts {
  readonly clock: Clock
  /** Address of our API as targets reach it, without a slash at the end: where receivers of webhooks call back. */
  readonly apiUrl: string
  /** Told when a connector's circuit opens, lets a call through to see whether the target is back, or closes. */
  readonly onCircuit?: (connector: string, change: CircuitChange) => void
}

/**
 * Makes the configured connectors, each within its limits; none of them is called.
 * @param config what was read from the configuration file, unchecked
 * @returns connectors by name
 * @throws ConnectorsConfigError
 */
export const loadConnectors = (
  config: unknown,
  options: LoadConnectorsOptions,
): Promise<ReadonlyMap<string, Connector>> =>
  fromEach(config, async (entry) =>
    governed(withPreexisting(await makeConnector(entry, options), entry.preexisting), {
      limits: limitsOf(entry, DEFAULTS[entry.kind]),
      clock: options.clock,
      ...(options.onCircuit === undefined ? {} : { onChange: options.onCircuit }),
    }),
  )

const withPreexisting = (connector: Connector, preexisting?: Preexisting): Connector =>
  preexisting === undefined ? connector : { ...connector, preexisting }

/** The file connector writes together what is asked side by side: more of it is faster. */
const DEFAULTS: { readonly [Kind in ConnectorsConfig[number]['kind']]?: DefaultLimits } = {
  file: { concurrency: 64 },
}

const makeConnector = async (
  entry: ConnectorsConfig[number],
  options: LoadConnectorsOptions,
): Promise<Connector> => {
  const { clock, dataDir } = options
  switch (entry.kind) {
    case 'file':
      return createFileConnector({ name: entry.name, path: resolve(dataDir, entry.path), clock })
    case 'scim': {
      const { kind, tokenEnv, tokenFile, ...rest } = entry
      const token = await secretOf('token', tokenEnv, tokenFile, options)
      return createScimConnector({ ...given(rest), clock, token })
    }
    case 'ldap': {
      const { kind, passwordEnv, passwordFile, caFile, ...rest } = entry
      const password = await secretOf('password', passwordEnv, passwordFile, options)
      const ca = caFile === undefined ? undefined : await readNamed('caFile', caFile, dataDir)
      return createLdapConnector({ ...given({ ...rest, ca }), password })
    }
    case 'webhook': {
      const { name, url, readBack, readBackUrl, awaitedFor, timeoutMillis } = entry
      const askedAt = readBackUrl ?? (readBack === true ? url : undefined)
      return createWebhookConnector({
        name,
        url,
        clock,
        callbackBase: options.apiUrl,
        secrets: await secretOf('secret', entry.secretEnv, entry.secretFile, options),
        ...(askedAt === undefined ? {} : { readBackUrl: askedAt }),
        ...(awaitedFor === undefined ? {} : { awaitedForMillis: awaitedForMillis(awaitedFor) }),
        ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
      })
    }
  }
}

/** What is there, without fields that are undefined. */
const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }
