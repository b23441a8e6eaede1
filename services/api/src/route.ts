import {
  type CommandAnswerBody,
  commandIdSchema,
  type Operation,
  positionSchema,
} from '@portcullis/api-contract'
import { deriveId, formatPosition, type Position, storedCommandId } from '@portcullis/core'
import type { Application, Caller, OutsideCommand } from '@portcullis/engine'
import type { z } from 'zod'
import { type Input, type RawInput, readHeader, readInput } from './input.ts'
import { ApiProblem, refusalProblem, toFieldError } from './problems.ts'

/** How long a query waits for the views to reach the position that it asks for. */
const WAIT_MILLIS = 5000

/** One request, as the routes see it. */
export interface Call {
  readonly application: Application
  readonly caller: Caller
  /** The request's id; everything that follows from it carries it as correlation id. */
  readonly requestId: string
  /** The organisation's time zone, for policies that name none. */
  readonly zone: string
  /** Instant. */
  readonly now: () => string
  readonly header: (name: string) => string | string[] | undefined
}

/** A call of a command. */
export interface CommandCall extends Call {
  readonly commandId: string
  /**
   * An id for something that the command makes: the same for the same sender's same command id, so that a repeat makes
   * nothing new, and nobody else's command makes the same.
   */
  readonly derive: (kind: string, index?: number) => string
}

export interface Outcome {
  readonly status: number
  /** JSON, or a stream of text. */
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

export interface Route {
  readonly operation: Operation
  /** @throws ApiProblem for every "no" */
  run(raw: RawInput, call: Call): Promise<Outcome>
}

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/** A route that sends one command. `location` is the address of what it makes. */
export const commandRoute = <
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
>(
  operation: Operation<P, Q, B, A>,
  toCommand: (input: Input<P, Q, B>, call: CommandCall) => OutsideCommand,
  location?: (answer: CommandAnswerBody) => string | undefined,
): Route => ({
  operation,
  run: async (raw, call) => {
    const input = readInput(operation, raw)
    const commandId = commandIdOf(call)
    const stored = storedCommandId(call.caller.actor, commandId)
    const command = toCommand(input, {
      ...call,
      commandId,
      derive: (kind, index = 0) => deriveId(kind, stored, index),
    })
    const answer = await call.application.execute(command, {
      commandId,
      correlationId: call.requestId,
      caller: call.caller,
    })
    if (!answer.ok) throw refusalProblem(answer.refusal)
    const position = formatPosition(answer.position)
    const { warnings, ...result } = answer.result
    const body: CommandAnswerBody = {
      commandId,
      position,
      repeated: answer.repeated,
      ...result,
      ...(warnings === undefined ? {} : { warnings: warnings.map(toFieldError) }),
    }
    const address = location?.(body)
    return {
      status: operation.status,
      body,
      headers: {
        ...commandHeaders(commandId, position),
        ...(address === undefined ? {} : { Location: address }),
      },
    }
  },
})

/** The command's id: the sender's, or a new one. */
export const commandIdOf = (call: Call): string =>
  (
    readHeader('Idempotency-Key', call.header('idempotency-key'), commandIdSchema) ??
    crypto.randomUUID()
  ).toLowerCase()

export const commandHeaders = (commandId: string, position: string) => ({
  'Idempotency-Key': commandId,
  'Portcullis-Position': position,
})

/** A route that reads. An answer of undefined is "not there, or not yours to see". */
export const queryRoute = <
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
>(
  operation: Operation<P, Q, B, A>,
  ask: (input: Input<P, Q, B>, call: Call) => Promise<DeepReadonly<z.output<A>> | undefined>,
): Route => ({
  operation,
  run: async (raw, call) => {
    const input = readInput(operation, raw)
    await untilAsked(input.query, call)
    const body = await ask(input, call)
    if (body === undefined) {
      throw new ApiProblem(
        404,
        'query.not-found',
        'there is nothing with that id, or you may not see it',
      )
    }
    return { status: operation.status, body, headers: {} }
  },
})

/** Waits until the views show the position that the header or the query string asks for. */
export const untilAsked = async (query: unknown, call: Call): Promise<void> => {
  const wanted = [
    readHeader('Portcullis-At-Least', call.header('portcullis-at-least'), positionSchema),
    atLeastOf(query),
  ]
    .filter((text) => text !== undefined)
    .map(BigInt)
  if (wanted.length > 0) await call.application.waitFor(wanted.reduce(later), WAIT_MILLIS)
}

const later = (one: Position, other: Position): Position => (one > other ? one : other)

const atLeastOf = (query: unknown): string | undefined =>
  typeof query === 'object' &&
  query !== null &&
  'atLeast' in query &&
  typeof query.atLeast === 'string'
    ? query.atLeast
    : undefined

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** The same object without properties that are undefined. */
export const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as Defined<T>
