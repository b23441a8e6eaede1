import {
  allOperations,
  anyPageSchema,
  isPaged,
  type Operation,
  type OperationId,
  operations,
} from '@portcullis/api-contract'
import { type Connection, send } from './call.ts'
import type { Answer, CommandOperation, Input, Item } from './operationTypes.ts'
import { DEFAULT_RETRY_POLICY, type RetryPolicy, systemTiming, type Timing } from './retryPolicy.ts'
import { type SessionSource, sessionProof } from './session.ts'
import { bearerProof, type TokenSource } from './tokens.ts'

export type ClientOptions = ConnectionOptions &
  (
    | { readonly token: TokenSource }
    /** In a page of the portal itself. */
    | { readonly tokens: SessionSource }
  )

export interface ConnectionOptions {
  /**
   * Where the API is: `https://access.example.org`, with or without a slash at the end; in a page of the portal an
   * empty text.
   */
  readonly url: string
  /** Instead of the platform's `fetch`: for proxies, tracing, tests. */
  readonly fetch?: typeof fetch
  /** What is not given is as in `DEFAULT_RETRY_POLICY`. */
  readonly retryPolicy?: Partial<RetryPolicy>
  /** Time and chance; for tests. */
  readonly timing?: Timing
}

export interface QueryOptions {
  /** Ends the call, with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface CommandOptions extends QueryOptions {
  /**
   * A UUID of the caller's choosing; one is made when absent. The same id sent twice, even years apart, does the thing
   * once and gets the same answer.
   */
  readonly commandId?: string | undefined
}

type OptionsOf<Id extends OperationId> = Id extends CommandOperation ? CommandOptions : QueryOptions

/** The input may be left out where all of its fields may. */
type Words<Id extends OperationId> =
  object extends Input<Id>
    ? [input?: Input<Id>, options?: OptionsOf<Id>]
    : [input: Input<Id>, options?: OptionsOf<Id>]

/** Calls an operation. */
type Method<Id extends OperationId> = (...words: Words<Id>) => Promise<Answer<Id>>

interface List<Id extends OperationId> {
  /**
   * Every item, page after page, as they are asked for; the next page is fetched when the one before has been used up.
   */
  all(...words: Words<Id>): AsyncGenerator<Item<Id>, void, undefined>
}

type Methods = {
  readonly [Id in OperationId]: [Item<Id>] extends [never] ? Method<Id> : Method<Id> & List<Id>
}

/**
 * Every operation of the API as a method, by its id: `client.submitRequest({ packageId, justification })`.
 * A method throws `Refused` for the engine's "no", `Unreachable` when no try is left, `UnexpectedAnswer` for a
 * fault.
 */
export interface Client extends Methods {
  /**
   * Waits until every view shows this position of a command's answer; throws `Unreachable` when no try is left
   * before.
   */
  waitFor(position: string, options?: QueryOptions): Promise<void>
}

/** Makes a client. Nothing is sent yet. */
export const createClient = (options: ClientOptions): Client => {
  const base = options.url.replace(/\/+$/, '')
  // Called as a plain function: a browser's fetch takes no other `this` than its window.
  const plainFetch: typeof fetch = (...words) => (options.fetch ?? fetch)(...words)
  const connection: Connection = {
    base,
    fetch: plainFetch,
    proof:
      'tokens' in options
        ? sessionProof(options.tokens, { url: base, fetch: plainFetch })
        : bearerProof(options.token),
    retryPolicy: { ...DEFAULT_RETRY_POLICY, ...options.retryPolicy },
    timing: options.timing ?? systemTiming,
  }
  return {
    ...Object.fromEntries(allOperations.map((each) => [each.id, methodOf(connection, each)])),
    waitFor: async (position, { signal } = {}) => {
      const fields = { atLeast: position }
      await send(connection, operations.getMe, fields, { commandId: undefined, signal })
    },
    // By the table above, each operation has a method of its own types.
  } as Client
}

type Fields = Readonly<Record<string, unknown>>

const methodOf = (connection: Connection, operation: Operation): object => {
  const method = (fields: Fields = {}, { commandId, signal }: CommandOptions = {}) =>
    send(connection, operation, fields, {
      commandId: operation.kind === 'command' ? (commandId ?? crypto.randomUUID()) : undefined,
      signal,
    })
  return isPaged(operation) ? Object.assign(method, { all: allPages(method) }) : method
}

const allPages = (method: (fields: Fields, options: QueryOptions) => Promise<unknown>) =>
  async function* (fields: Fields = {}, options: QueryOptions = {}) {
    let cursor = fields.cursor
    do {
      const page = anyPageSchema.parse(await method({ limit: LARGEST, ...fields, cursor }, options))
      yield* page.items
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
  }

/** Items of a page where the caller doesn't say: as many as the API gives. */
const LARGEST = 200
