import type { Clock } from '@portcullis/core'
import type { z } from 'zod'
import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge, boundedText, networkReason } from '../http/answerText.ts'
import { during } from '../http/ownWaits.ts'
import { createPace, LONGEST_PAUSE, type Sleep, sleepForReal, TooMany } from '../http/pace.ts'
import { retryAfterMillis } from '../http/retryAfter.ts'
import { parseScim } from './scimJson.ts'
import { scimErrorSchema } from './scimMessages.ts'

export interface ScimHttpOptions {
  readonly baseUrl: URL
  readonly token: string
  readonly clock: Clock
  readonly timeoutMillis: number
  readonly maxAnswerBytes: number
  /** How the target's pace is kept to. Default: real timers. */
  readonly sleep?: Sleep
}

export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** Below the base URL, with its query; parts already encoded. */
  readonly path: string
  readonly body?: object
  /** Only if the resource still is in this version (RFC 7644 §3.14). */
  readonly ifMatch?: string
  readonly signal: AbortSignal
}

/** What the target answered, where its meaning depends on the request. */
export interface ScimAnswer {
  readonly status: number
  /** The body as JSON; undefined when there was none. */
  readonly body: unknown
  /** Header `ETag`, as it came. */
  readonly etag?: string | null
}

/** A refusal in SCIM's own words (4xx but 401, 403, 408, 429): the one who asked knows whether it is one. */
export class ScimRefusal extends Error {
  readonly status: number
  readonly scimType: string | undefined
  /** False when the answer wasn't a SCIM message: then something else than the SCIM service may have answered. */
  readonly genuine: boolean
  constructor(status: number, scimType: string | undefined, detail: string, genuine: boolean) {
    super(detail)
    this.name = 'ScimRefusal'
    this.status = status
    this.scimType = scimType
    this.genuine = genuine
  }
}

export type ScimHttp = (request: ScimRequest) => Promise<ScimAnswer>

/** How often a request that was one too many (429) is sent again, when its turn comes. */
const REPEATS = 5
const MEDIA_TYPES = ['application/scim+json', 'application/json'] as const

/**
 * One HTTP exchange with a SCIM service, at the pace that the service takes. Redirects aren't followed: the token
 * belongs to the configured address only.
 * The returned function throws ScimRefusal, AnswerTooLarge, the signal's reason, or a ConnectorError:
 * transient for network, timeout, 408, 429 and 5xx (with the wait asked for); lasting for 401, 403, redirects and
 * answers that aren't SCIM.
 */
export const createScimHttp = (options: ScimHttpOptions): ScimHttp => {
  const { baseUrl, token, clock, timeoutMillis, maxAnswerBytes, sleep = sleepForReal } = options
  const base = baseUrl.href.replace(/\/$/, '')
  const withoutToken = (text: string): string => text.replaceAll(token, '[token]')
  const pace = createPace(clock, sleep)
  /** RFC 7644 §3.1 has its own; some services take only the general one, and say so (415). */
  let mediaType: (typeof MEDIA_TYPES)[number] = MEDIA_TYPES[0]

  const exchange = async (request: ScimRequest): Promise<{ response: Response; text: string }> => {
    const timeout = AbortSignal.timeout(timeoutMillis)
    try {
      const response = await fetch(`${base}${request.path}`, {
        method: request.method,
        redirect: 'manual',
        signal: AbortSignal.any([request.signal, timeout]),
        headers: {
          accept: MEDIA_TYPES.join(', '),
          authorization: `Bearer ${token}`,
          ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
          ...(request.body === undefined ? {} : { 'content-type': mediaType }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      })
      return { response, text: await boundedText(response, maxAnswerBytes) }
    } catch (error) {
      if (error instanceof AnswerTooLarge) throw error
      request.signal.throwIfAborted()
      if (timeout.aborted) {
        throw new ConnectorError('scim.timeout', `no answer within ${timeoutMillis} ms`, {
          transient: true,
        })
      }
      throw new ConnectorError('scim.unreachable', `${baseUrl.host}: ${networkReason(error)}`, {
        transient: true,
      })
    }
  }

  /** Sends it when its turn comes, and again when that was too early after all. */
  const inTurn = async (request: ScimRequest): Promise<{ response: Response; text: string }> => {
    for (let left = REPEATS; ; left -= 1) {
      const { signal } = request
      const turn = await during('waiting', signal, clock, () => pace.turn(signal))
      const answer = await during('exchanging', signal, clock, () => exchange(request))
      if (answer.response.status !== 429) {
        turn.taken()
        if (answer.response.status !== 415 || mediaType === MEDIA_TYPES[1]) return answer
        if (request.body === undefined) return answer
        mediaType = MEDIA_TYPES[1]
        continue
      }
      const wait = turn.tooMany(retryAfterMillis(answer.response.headers.get('retry-after'), clock))
      if (left === 0 || wait > LONGEST_PAUSE) return answer
    }
  }

  return async (request) => {
    const { response, text } = await inTurn(request).catch((error: unknown) => {
      if (!(error instanceof TooMany)) throw error
      throw throttled(error.message, error.waitMillis)
    })
    const { status } = response
    const body = parseScim(text)
    if (status >= 200 && status < 300) {
      if (text.trim() !== '' && body === undefined) throw notScim(status)
      return { status, body, etag: response.headers.get('etag') }
    }
    const error = scimErrorSchema.safeParse(body)
    const detail = withoutToken(error.data?.detail ?? response.statusText).slice(0, 500)
    const said = `the target answered ${status}${detail === '' ? '' : `: ${detail}`}`
    if (status >= 300 && status < 400) {
      throw new ConnectorError('scim.redirected', `${said}; correct the connector's baseUrl`, {
        transient: false,
      })
    }
    if (status === 401 || status === 403) {
      throw new ConnectorError(
        status === 401 ? 'scim.unauthorised' : 'scim.forbidden',
        `${said}; renew the connector's token or its rights, then reprocess`,
        { transient: false },
      )
    }
    const wait = retryAfterMillis(response.headers.get('retry-after'), clock)
    if (status === 429) throw throttled(said, wait)
    if (status === 408 || (status >= 500 && status !== 501)) {
      throw new ConnectorError('scim.unavailable', said, {
        transient: true,
        ...(wait === undefined ? {} : { retryAfterMillis: wait }),
      })
    }
    throw new ScimRefusal(status, error.data?.scimType ?? undefined, said, error.success)
  }
}

const throttled = (said: string, waitMillis: number | undefined): ConnectorError =>
  new ConnectorError('scim.throttled', said, {
    transient: true,
    ...(waitMillis === undefined ? {} : { retryAfterMillis: Math.ceil(waitMillis) }),
  })

/**
 * Reads an answer's body by its schema.
 * @throws ConnectorError `scim.not-scim`
 */
export const readAs = <T>(schema: z.ZodType<T>, answer: ScimAnswer): T => {
  const parsed = schema.safeParse(answer.body)
  if (parsed.success) return parsed.data
  throw notScim(answer.status)
}

const notScim = (status: number): ConnectorError =>
  new ConnectorError(
    'scim.not-scim',
    `the target answered ${status}, but not with a SCIM message; correct the connector's baseUrl`,
    { transient: false },
  )
