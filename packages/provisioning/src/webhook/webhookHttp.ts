import type { Clock } from '@portcullis/core'
import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge, boundedText, networkReason } from '../http/answerText.ts'
import { retryAfterMillis } from '../http/retryAfter.ts'
import { signedHeaders, type WebhookSecrets } from './signature.ts'

export interface WebhookHttpOptions {
  readonly secrets: WebhookSecrets
  readonly clock: Clock
  readonly timeoutMillis: number
  readonly maxAnswerBytes: number
}

export interface WebhookMessage {
  readonly url: URL
  /** The same when the message is sent again: receivers tell repeats by it. */
  readonly id: string
  readonly payload: object
  readonly signal: AbortSignal
}

export interface WebhookAnswer {
  /** From 200 to 299. */
  readonly status: number
  readonly text: string
}

/**
 * Sends signed messages. Redirects aren't followed: an order is for the configured address only.
 * The returned function throws the signal's reason or a ConnectorError: transient for network, timeout, 408, 409, 425,
 * 429 and 5xx (with the wait asked for), lasting for redirects, every other 4xx and an answer that is too long.
 */
export const createWebhookHttp = (
  options: WebhookHttpOptions,
): ((message: WebhookMessage) => Promise<WebhookAnswer>) => {
  const { clock } = options
  return async (message) => {
    const { response, text } = await exchange(message, options)
    const { status } = response
    if (status >= 200 && status < 300) return { status, text }
    const said = `the receiver answered ${status}`
    if (status < 400)
      throw lasting('redirected', `${said}, and redirects are not followed; correct the url`)
    if (status === 401 || status === 403)
      throw lasting(
        'unauthorised',
        `${said}; check the secret on both sides and both clocks, then reprocess`,
      )
    if (TRANSIENT.has(status) || status >= 500) {
      const wait = retryAfterMillis(response.headers.get('retry-after'), clock)
      throw transient(status === 429 ? 'throttled' : 'unavailable', said, wait)
    }
    throw lasting('refused', `${said}; correct the cause there, then reprocess`)
  }
}

/** Request timeout, conflict (somebody else is at it), too early, too many requests. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 425, 429])

const exchange = async (
  { url, id, payload, signal }: WebhookMessage,
  { secrets, clock, timeoutMillis, maxAnswerBytes }: WebhookHttpOptions,
): Promise<{ readonly response: Response; readonly text: string }> => {
  const timeout = AbortSignal.timeout(timeoutMillis)
  const body = JSON.stringify(payload)
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...signedHeaders(secrets, { id, at: clock.now(), body }),
      },
      body,
    })
    return { response, text: await boundedText(response, maxAnswerBytes) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AnswerTooLarge) throw lasting('answer-too-large', error.message)
    if (timeout.aborted) throw transient('timeout', `no answer within ${timeoutMillis} ms`)
    throw transient('unreachable', `${url.host}: ${networkReason(error)}`)
  }
}

const lasting = (reason: string, message: string): ConnectorError =>
  new ConnectorError(`webhook.${reason}`, message, { transient: false })

const transient = (reason: string, message: string, retryAfter?: number): ConnectorError =>
  new ConnectorError(`webhook.${reason}`, message, {
    transient: true,
    ...(retryAfter === undefined ? {} : { retryAfterMillis: retryAfter }),
  })
