import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { codeOf } from '@portcullis/core'
import type { z } from 'zod'
import { ConnectorError } from './connector.ts'
import { type ConnectorsConfig, connectorsConfigSchema } from './connectors.config.ts'

/**
 * The configuration of connectors can't be used; the message has one line for each thing to correct, with its field.
 */
export class ConnectorsConfigError extends Error {
  readonly code = 'connectors.configuration'
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConnectorsConfigError'
  }
}

/** Where what the configuration names is found. */
export interface Whereabouts {
  /** Absolute; paths of the configuration start here. */
  readonly dataDir: string
  /** Where `tokenEnv` and `secretEnv` are looked up. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * What the configuration says, checked as far as it says it itself: no secret and no file is read.
 * @throws ConnectorsConfigError
 */
export const readConnectorsConfig = (config: unknown): ConnectorsConfig => {
  const parsed = connectorsConfigSchema.safeParse(config)
  if (!parsed.success) throw new ConnectorsConfigError(parsed.error.issues.map(lineOfIssue))
  return parsed.data
}

/**
 * Makes something of each entry of the configuration.
 * @param config what was read from the configuration file, unchecked
 * @param make undefined: nothing of this one
 * @returns by the connectors' names
 * @throws ConnectorsConfigError with a line for each entry whose `make` threw a ConnectorError
 */
export const fromEach = async <Made>(
  config: unknown,
  make: (entry: ConnectorsConfig[number]) => Promise<Made | undefined>,
): Promise<ReadonlyMap<string, Made>> => {
  const entries = readConnectorsConfig(config)
  const made = new Map<string, Made>()
  const errors: string[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      const one = await make(entry)
      if (one !== undefined) made.set(entry.name, one)
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      errors.push(`connectors[${index}] (${entry.name}).${error.message}`)
    }
  }
  if (errors.length > 0) throw new ConnectorsConfigError(errors)
  return made
}

/** What one of `<field>Env` and `<field>File` holds. */
export const secretOf = async (
  field: string,
  variable: string | undefined,
  file: string | undefined,
  { dataDir, env = process.env }: Whereabouts,
): Promise<string> => {
  if (file === undefined) {
    const text = env[variable ?? '']?.trim()
    if (text === undefined || text === '') {
      throw configuration(`${field}Env: the environment variable ${variable} isn't set`)
    }
    return text
  }
  return (await readNamed(`${field}File`, file, dataDir)).trim()
}

export const readNamed = async (field: string, name: string, dataDir: string): Promise<string> => {
  const path = resolve(dataDir, name)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown'
    throw configuration(`${field}: ${path} can't be read (${reason})`)
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
