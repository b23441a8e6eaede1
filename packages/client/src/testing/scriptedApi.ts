import { PROBLEM_MEDIA_TYPE } from '@portcullis/api-contract'
import { type Client, type ConnectionOptions, createClient } from '../client.ts'
import type { SessionSource } from '../session.ts'
import type { TokenSource } from '../tokens.ts'

/** One call as the API would get it. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

type Reply = (received: Received) => Response | Promise<Response>

/** Answers with JSON. */
export const json =
  (body: unknown, status = 200): Reply =>
  () =>
    Response.json(body, { status })

/** Answers with a problem. */
export const problem =
  (status: number, code: string, headers: Record<string, string> = {}, more: object = {}): Reply =>
  () =>
    new Response(
      JSON.stringify({
        type: `urn:portcullis:problem:${code}`,
        title: code,
        status,
        code,
        detail: `it is ${code}`,
        requestId: 'r-1',
        ...more,
      }),
      { status, headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...headers } },
    )

/** No answer at all. */
export const broken: Reply = () => {
  throw new TypeError('fetch failed', { cause: new Error('read ECONNRESET') })
}

/** Never answers on its own; only the signal ends it. */
export const silent = Symbol('silent')

/**
 * A client whose API answers by a script, a reply a try, the last one for ever. Time passes only in what the client
 * sleeps.
 */
export const scripted = (
  replies: readonly (Reply | typeof silent)[],
  {
    token = 'secret',
    tokens,
    ...options
  }: Partial<ConnectionOptions> & {
    readonly token?: TokenSource
    readonly tokens?: SessionSource
  } = {},
) => {
  const received: Received[] = []
  const slept: number[] = []
  let now = Date.UTC(2026, 10, 23)
  const client: Client = createClient({
    url: 'https://api.example/',
    ...(tokens === undefined ? { token } : { tokens }),
    fetch: async (url, { method = 'GET', headers, body, signal } = {}) => {
      const reply = replies[Math.min(received.length, replies.length - 1)]
      received.push({
        method,
        url: String(url),
        headers: Object.fromEntries(new Headers(headers)),
        body: typeof body === 'string' ? JSON.parse(body) : undefined,
      })
      if (reply === undefined) throw new Error('the script has no reply')
      if (reply !== silent) return reply(received[received.length - 1] as Received)
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    },
    timing: {
      now: () => now,
      random: () => 0,
      sleep: async (millis) => {
        slept.push(millis)
        now += millis
      },
    },
    ...options,
  })
  return { client, received, slept }
}
