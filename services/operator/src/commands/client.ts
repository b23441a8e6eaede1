import { readFile } from 'node:fs/promises'
import { dataPaths, publicUrlOf } from '@portcullis/runtime'
import { configFrom } from '../context.ts'
import { CommandFailed, EXIT } from '../output.ts'
import { issue } from './token.ts'

export interface ClientFlags {
  readonly data?: string
  /** Who asks: a person's id. */
  readonly as: string
  /** Where the API is; found in the data folder when absent. */
  readonly url?: string
}

export interface Answer {
  readonly status: number
  readonly body: { readonly [key: string]: unknown }
}

/** Calls the HTTP API as a person, with a token made from the key of the data folder. */
export const call = async (
  flags: ClientFlags,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> => {
  const config = configFrom(flags)
  const base =
    flags.url ??
    config.publicUrl ??
    (await readFile(dataPaths(config.dataDir).address, 'utf8').catch(() => publicUrlOf(config)))
  const { token } = await issue({ ...flags, hours: 1 })
  const url = `${base.trim().replace(/\/$/, '')}${path}`
  let response: Response
  try {
    response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new CommandFailed(
      `nothing answers at ${url}; start the engine first (npm start), or name its address with --url`,
      EXIT.unreachable,
    )
  }
  const answer: unknown = await response.json().catch(() => ({}))
  const fields = typeof answer === 'object' && answer !== null ? { ...answer } : {}
  if (!response.ok)
    throw new CommandFailed(problemText(response.status, fields), EXIT.failed, fields)
  return { status: response.status, body: fields }
}

const problemText = (status: number, problem: { readonly [key: string]: unknown }): string => {
  const errors = Array.isArray(problem.errors) ? problem.errors : []
  const lines = errors.map((error) => `  ${String(error.path)}: ${String(error.message)}`)
  return [
    `${String(problem.detail ?? 'the API refused')} (${status}, ${String(problem.code)})`,
    ...lines,
  ].join('\n')
}
