import { randomUUID } from 'node:crypto'
import { type OperationId, operations, type Problem, problemSchema } from '@portcullis/api-contract'
import type { z } from 'zod'

type Of<Id extends OperationId> = (typeof operations)[Id]
type Given<Schema extends z.ZodType> = Extract<z.input<Schema>, object>
/** The fields of an object schema; nothing for the empty one, whose keys the compiler takes for any. */
type Fields<Schema extends z.ZodType> = string extends keyof Given<Schema> ? unknown : Given<Schema>
type QueryFields<Schema extends z.ZodType> = {
  readonly [Key in keyof Fields<Schema>]?: string | number | readonly string[]
}

/** Path parameters, and the fields of the body or of the query string, side by side. */
export type Input<Id extends OperationId> = Fields<Of<Id>['params']> &
  Fields<Of<Id>['body']> &
  QueryFields<Of<Id>['query']>
export type Answer<Id extends OperationId> = z.output<Of<Id>['answer']>

export interface RawAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

/** Somebody with a token, and the API over HTTP. Their queries show at least what any command before them did. */
export interface Caller {
  readonly id: string
  /** The answer, checked by its schema. @throws when it is not the one that the operation promises */
  ok<Id extends OperationId>(
    operation: Id,
    input: Input<Id>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Id>>
  /** The problem. @throws when the API doesn't refuse */
  refused<Id extends OperationId>(
    operation: Id,
    input: Input<Id>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Problem>
  /** Whatever the answer is. */
  attempt<Id extends OperationId>(operation: Id, input: Input<Id>): Promise<RawAnswer>
  /** Whatever the answer is, to whatever is asked. */
  raw(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RawAnswer>
}

/** What callers of one engine share. */
export interface Line {
  /** Where the next call goes: to each API in turn. */
  readonly nextUrl: () => string
  readonly token: (id: string) => Promise<string>
  /** Place in the log of the last command of anybody. */
  readonly last: { position: bigint }
}

export const createCaller = (line: Line, id: string): Caller => {
  const raw: Caller['raw'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${line.nextUrl()}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await line.token(id)}`,
        ...(method === 'GET'
          ? { 'portcullis-at-least': String(line.last.position) }
          : { 'idempotency-key': randomUUID() }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const at = answer.headers.get('portcullis-position')
    if (at !== null && BigInt(at) > line.last.position) line.last.position = BigInt(at)
    return { status: answer.status, text: await answer.text(), headers: answer.headers }
  }
  const call = async (
    name: OperationId,
    input: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RawAnswer> => {
    const { method, path } = operations[name]
    const rest = new Map<string, unknown>(Object.entries(input))
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
      const value = encodeURIComponent(String(rest.get(key)))
      rest.delete(key)
      return value
    })
    return method === 'GET'
      ? raw(method, `${filled}${queryString(rest)}`, undefined, headers)
      : raw(method, filled, rest.size === 0 ? undefined : Object.fromEntries(rest), headers)
  }
  return {
    id,
    raw,
    attempt: call,
    ok: async (name, input, headers) => {
      const answer = await call(name, input, headers)
      if (answer.status !== operations[name].status)
        throw new Error(`${id} ${name}: ${answer.status} ${answer.text}`)
      // The schema is the operation's own; the compiler can't follow that through the table.
      return operations[name].answer.parse(JSON.parse(answer.text)) as Answer<typeof name>
    },
    refused: async (name, input, headers) => {
      const answer = await call(name, input, headers)
      if (answer.status < 400)
        throw new Error(`${id} ${name}: not refused but ${answer.status} ${answer.text}`)
      return problemSchema.parse(JSON.parse(answer.text))
    },
  }
}

const queryString = (fields: ReadonlyMap<string, unknown>): string => {
  const search = new URLSearchParams()
  for (const [key, value] of fields)
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one))
  return search.size === 0 ? '' : `?${search}`
}
