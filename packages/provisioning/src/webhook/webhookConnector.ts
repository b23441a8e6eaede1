import { randomUUID } from 'node:crypto'
import { addMillis, type Clock } from '@portcullis/core'
import {
  type Access,
  absent,
  type Connector,
  ConnectorError,
  type FulfilmentAwaited,
  present,
  type ReadBack,
  unreadable,
} from '../connector.ts'
import { parseJson } from '../http/answerText.ts'
import { targetUrl } from '../http/targetUrl.ts'
import { readSecrets, type WebhookSecrets } from './signature.ts'
import { createWebhookHttp } from './webhookHttp.ts'
import { orderMessage, probeMessage, readAnswerSchema, readMessage } from './webhookMessages.ts'

export interface WebhookConnectorOptions {
  readonly name: string
  /**
   * Where orders go. Plain http only to this machine itself. Which host it is is the operator's choice, private ones
   * included.
   */
  readonly url: string
  /**
   * Where it is asked who has what; may be `url` itself. Without it the receiver can't be asked, and its word that it
   * is done counts.
   */
  readonly readBackUrl?: string
  /** `whsec_…`, several apart by spaces, the newest first: all of them sign. */
  readonly secrets: string
  readonly clock: Clock
  /** Address of our API as receivers reach it, without a slash at the end. */
  readonly callbackBase: string
  /** How long somebody has for what was answered with 202, milliseconds. Default 14 days. */
  readonly awaitedForMillis?: number
  /** For one exchange. Default 30,000. */
  readonly timeoutMillis?: number
}

const DAY_MILLIS = 86_400_000
const MAX_ANSWER_BYTES = 64 * 1024

/**
 * Orders access by messages that are signed as Standard Webhooks says (https://www.standardwebhooks.com): 202 is
 * "somebody does it and calls back", every other 2xx "done".
 * @throws ConnectorError `webhook.configuration` at once when an address or the secrets can't be used
 */
export const createWebhookConnector = (options: WebhookConnectorOptions): Connector => {
  const { name, clock, callbackBase, awaitedForMillis = 14 * DAY_MILLIS } = options
  const url = usableUrl('url', options.url)
  const readBackUrl =
    options.readBackUrl === undefined ? undefined : usableUrl('readBackUrl', options.readBackUrl)
  const http = createWebhookHttp({
    secrets: usableSecrets(options.secrets),
    clock,
    timeoutMillis: options.timeoutMillis ?? 30_000,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  })

  const order =
    (operation: 'grant' | 'revoke') =>
    async (
      access: Access,
      signal: AbortSignal,
      operationId: string = randomUUID(),
    ): Promise<FulfilmentAwaited | undefined> => {
      signal.throwIfAborted()
      const at = clock.now()
      const message = orderMessage(operation, access, operationId, at, callbackBase)
      const { status } = await http({ url, ...message, signal })
      return status === 202 ? { awaitedUntil: addMillis(clock.now(), awaitedForMillis) } : undefined
    }

  return {
    name,
    probe: async () => {
      const signal = AbortSignal.timeout(60_000)
      for (const each of new Set([url.href, readBackUrl?.href ?? url.href]))
        await http({
          url: new URL(each),
          id: randomUUID(),
          payload: probeMessage(name, clock.now()),
          signal,
        })
    },
    // What is configured: nobody is known whom the receiver could be asked of.
    abilities: async () => [
      { ability: 'read-back', can: readBackUrl === undefined ? 'no' : 'yes' },
    ],
    readBack: async (access, signal): Promise<ReadBack> => {
      signal.throwIfAborted()
      if (readBackUrl === undefined)
        return unreadable('webhook.no-read-back', 'the connector has no readBackUrl to ask')
      const payload = readMessage(access, clock.now())
      const { text } = await http({ url: readBackUrl, id: randomUUID(), payload, signal })
      const answer = readAnswerSchema.safeParse(parseJson(text))
      if (!answer.success)
        throw new ConnectorError(
          'webhook.not-understood',
          'the receiver did not answer access.read with {"present": true} or {"present": false}; correct it or its address',
          { transient: false },
        )
      return answer.data.present ? present() : absent()
    },
    grant: order('grant'),
    revoke: order('revoke'),
    close: async () => {},
  }
}

const configuration = (message: string): ConnectorError =>
  new ConnectorError('webhook.configuration', message, { transient: false })

const usableUrl = (field: string, text: string): URL => {
  const usable = targetUrl(text, { query: true })
  if ('wrong' in usable) throw configuration(`${field}: ${usable.wrong}`)
  return usable.url
}

export const usableSecrets = (text: string): WebhookSecrets => {
  const read = readSecrets(text)
  if ('wrong' in read) throw configuration(`secrets: ${read.wrong}`)
  return read.secrets
}
