import {
  type Operation,
  PROBLEM_MEDIA_TYPE,
  type Problem,
  problemSchema,
} from '@portcullis/api-contract'
import { Refused, UnexpectedAnswer, Unreachable } from './errors.ts'
import { type WireRequest, wireRequest } from './request.ts'
import { delayBefore, type RetryPolicy, retryAfterMillis, type Timing } from './retryPolicy.ts'
import type { Proof } from './tokens.ts'

/** What every call of a client shares. */
export interface Connection {
  /** Without a slash at the end. */
  readonly base: string
  readonly fetch: typeof fetch
  readonly proof: Proof
  readonly retryPolicy: RetryPolicy
  readonly timing: Timing
}

export interface CallOptions {
  readonly commandId: string | undefined
  readonly signal: AbortSignal | undefined
}

/** How one try ended: with an answer, or with a reason to try again. */
type Try =
  | { readonly kind: 'answered'; readonly response: Response; readonly text: string }
  | {
      readonly kind: 'failed'
      readonly why: string
      readonly cause?: unknown
      /** What the API said, where it answered. */
      readonly problem?: Problem | undefined
      /** Retry-After, milliseconds. */
      readonly asked?: number | undefined
    }

/**
 * Statuses that say "not now". A command sent again carries the same id, so that it happens once whatever became of the
 * first try.
 */
const NOT_NOW: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/**
 * Sends a call until it is answered, or the policy allows no further try.
 * @returns the answer, parsed; for a download its body as a stream of bytes
 * @throws Refused (4xx), Unreachable (no try was left), UnexpectedAnswer (a fault), the signal's reason
 */
export const send = async (
  connection: Connection,
  operation: Operation,
  fields: Readonly<Record<string, unknown>>,
  { commandId, signal }: CallOptions,
): Promise<unknown> => {
  const { retryPolicy, timing } = connection
  const request = wireRequest(connection.base, operation, fields, commandId)
  const until = timing.now() + retryPolicy.totalMillis
  for (let tried = 1; ; tried += 1) {
    signal?.throwIfAborted()
    const end = await tryOnce(connection, operation, request, signal)
    if (end.kind === 'answered') return answerOf(operation, commandId, end)
    const delay = delayBefore(retryPolicy, tried, end.asked, timing.random)
    if (tried >= retryPolicy.tries || timing.now() + delay > until)
      throw new Unreachable(operation.id, commandId, tried, { ...end, url: request.url })
    await timing.sleep(delay, signal)
  }
}

/** One try; a second one at once with a new token when the first one's was turned down. */
const tryOnce = async (
  connection: Connection,
  operation: Operation,
  request: WireRequest,
  signal: AbortSignal | undefined,
): Promise<Try> => {
  const { proof } = connection
  if (operation.kind === 'open' || !proof.needed(operation.method))
    return attempt(connection, operation, request, undefined, signal)
  const token = await proof.current()
  const end = await attempt(connection, operation, request, token, signal)
  if (end.kind === 'failed' || end.response.ok) return end
  const code = problemIn(end.response, end.text)?.code
  if (!proof.turnedDown(end.response.status, code)) return end
  const renewed = await proof.renewed(token)
  return renewed === undefined ? end : attempt(connection, operation, request, renewed, signal)
}

const attempt = async (
  { fetch, retryPolicy, timing, proof }: Connection,
  operation: Operation,
  { url, method, headers, body }: WireRequest,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Try> => {
  // The caller may have had enough while the token was fetched.
  signal?.throwIfAborted()
  const cut = new AbortController()
  const forward = (): void => cut.abort(signal?.reason)
  let streaming = false
  signal?.addEventListener('abort', forward)
  const timer = setTimeout(
    () => cut.abort(new Error(`no answer within ${retryPolicy.tryMillis} ms`)),
    retryPolicy.tryMillis,
  )
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(token === undefined ? {} : proof.header(token)) },
      ...(body === undefined ? {} : { body }),
      signal: cut.signal,
    })
    // A stream that is read for minutes must not end with the try's time; it does end with the caller's signal.
    if (isDownload(operation) && response.ok) {
      streaming = true
      return { kind: 'answered', response, text: '' }
    }
    const text = await response.text()
    if (!NOT_NOW.has(response.status)) return { kind: 'answered', response, text }
    const asked = retryAfterMillis(response.headers.get('retry-after'), timing.now())
    const problem = problemIn(response, text)
    return {
      kind: 'failed',
      why: `${response.status} ${problem === undefined ? response.statusText : `${problem.code}: ${problem.detail}`}`,
      problem,
      asked,
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    return { kind: 'failed', why: reasonOf(error), cause: error }
  } finally {
    if (!streaming) signal?.removeEventListener('abort', forward)
    clearTimeout(timer)
  }
}

const answerOf = (
  operation: Operation,
  commandId: string | undefined,
  { response, text }: Extract<Try, { kind: 'answered' }>,
): unknown => {
  const { status } = response
  if (response.ok) {
    if (isDownload(operation)) return response.body ?? new Response('').body
    const answer = parsed(text)
    if (answer !== undefined) return answer
    throw new UnexpectedAnswer(operation.id, commandId, status, text, undefined)
  }
  const problem = problemIn(response, text)
  if (problem !== undefined && status >= 400 && status < 500) throw new Refused(problem)
  throw new UnexpectedAnswer(operation.id, commandId, status, text, problem)
}

const isDownload = (operation: Operation): boolean => operation.kind === 'download'

const problemIn = (response: Response, text: string): Problem | undefined => {
  if (!response.headers.get('content-type')?.startsWith(PROBLEM_MEDIA_TYPE)) return undefined
  return problemSchema.safeParse(parsed(text)).data
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** fetch says "fetch failed"; what happened is its cause. */
const reasonOf = (error: unknown): string => {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return inner instanceof Error ? inner.message || inner.name : String(inner)
}
