import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Clock } from '@portcullis/core'
import type { z } from 'zod'
import { type Connector, ConnectorError } from './connector.ts'
import { type ConnectorsConfig, connectorsConfigSchema } from './connectors.config.ts'
import { createFileConnector } from './file/fileConnector.ts'
import { createScimConnector } from './scim/scimConnector.ts'

/** The configuration of connectors can't be used; the message has one line for each thing to correct, with its field. */
export class ConnectorsConfigError extends Error {
  readonly code = 'connectors.configuration'
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConnectorsConfigError'
  }
}

export interface LoadConnectorsOptions {
  readonly clock: Clock
  /** Absolute; paths of the configuration start here. */
  readonly dataDir: string
  /** Where `tokenEnv` is looked up. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Makes the configured connectors; none of them is called.
 * @param config what was read from the configuration file, unchecked
 * @returns connectors by name
 * @throws ConnectorsConfigError
 */
export const loadConnectors = async (
  config: unknown,
  options: LoadConnectorsOptions,
): Promise<ReadonlyMap<string, Connector>> => {
  const parsed = connectorsConfigSchema.safeParse(config)
  if (!parsed.success) throw new ConnectorsConfigError(parsed.error.issues.map(lineOfIssue))
  const connectors = new Map<string, Connector>()
  const errors: string[] = []
  for (const [index, entry] of parsed.data.entries()) {
    try {
      connectors.set(entry.name, await makeConnector(entry, options))
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      errors.push(`connectors[${index}] (${entry.name}).${error.message}`)
    }
  }
  if (errors.length > 0) throw new ConnectorsConfigError(errors)
  return connectors
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
      const { name, baseUrl, createUsers, groupOf, alsoLookUpBy, timeoutMillis } = entry
      return createScimConnector({
        name,
        baseUrl,
        clock,
        token: await tokenOf(entry, options),
        ...(createUsers === undefined ? {} : { createUsers }),
        ...(groupOf === undefined ? {} : { groupOf }),
        ...(alsoLookUpBy === undefined ? {} : { alsoLookUpBy }),
        ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
      })
    }
  }
}

const tokenOf = async (
  entry: { readonly tokenEnv?: string | undefined; readonly tokenFile?: string | undefined },
  { dataDir, env = process.env }: LoadConnectorsOptions,
): Promise<string> => {
  if (entry.tokenFile === undefined) {
    const token = env[entry.tokenEnv ?? '']?.trim()
    if (token === undefined || token === '') {
      throw configuration(`tokenEnv: the environment variable ${entry.tokenEnv} isn't set`)
    }
    return token
  }
  const path = resolve(dataDir, entry.tokenFile)
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'unknown'
    throw configuration(`tokenFile: ${path} can't be read (${reason})`)
  }
}

const configuration = (message: string): ConnectorError =>
  new ConnectorError('connectors.configuration', message, { transient: false })

const lineOfIssue = (issue: z.core.$ZodIssue): string => {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
  return `connectors${path}: ${issue.message}`
}
