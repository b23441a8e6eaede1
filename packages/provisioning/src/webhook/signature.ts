import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Instant, toMillis } from '@portcullis/core'

/** A key that both sides know. Never shown, never stored in an event. */
export type WebhookSecret = Uint8Array

/**
 * What is signed with: the first secret is the newest; the others are still taken while the other side changes over.
 */
export type WebhookSecrets = readonly [WebhookSecret, ...WebhookSecret[]]

/** Minutes that a message may be on its way, or the two clocks apart; what Standard Webhooks' own libraries take. */
const TOLERANCE_MILLIS = 5 * 60_000
const MOST_SECRETS = 5

/**
 * Reads secrets as Standard Webhooks writes them: `whsec_` and base64 of 24 to 64 bytes; several apart by spaces or
 * line ends, the newest first.
 * @returns the secrets, or what is wrong with the text (never the text)
 */
export const readSecrets = (
  text: string,
): { readonly secrets: WebhookSecrets } | { readonly wrong: string } => {
  const words = text.split(/\s+/).filter((word) => word !== '')
  if (words.length > MOST_SECRETS) return { wrong: `holds more than ${MOST_SECRETS} secrets` }
  const decoded: WebhookSecret[] = []
  for (const word of words) {
    const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(word)?.[1]
    const secret = base64 === undefined ? undefined : Buffer.from(base64, 'base64')
    if (secret === undefined || secret.length < 24 || secret.length > 64)
      return { wrong: 'must be whsec_ and the base64 of 24 to 64 random bytes' }
    decoded.push(secret)
  }
  const [newest, ...others] = decoded
  return newest === undefined ? { wrong: 'holds no secret' } : { secrets: [newest, ...others] }
}

const signatureOf = (secret: WebhookSecret, id: string, seconds: string, body: string): Buffer =>
  createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest()

/**
 * The three headers of a message: one signature for each secret, so that the receiver may change over when it likes.
 */
export const signedHeaders = (
  secrets: WebhookSecrets,
  message: { readonly id: string; readonly at: Instant; readonly body: string },
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> => {
  const seconds = String(Math.floor(toMillis(message.at) / 1000))
  return {
    'webhook-id': message.id,
    'webhook-timestamp': seconds,
    'webhook-signature': secrets
      .map((secret) => signatureOf(secret, message.id, seconds, message.body).toString('base64'))
      .map((signature) => `v1,${signature}`)
      .join(' '),
  }
}

/** A message as it arrived: its body byte for byte, in UTF-8. */
export interface ReceivedMessage {
  readonly header: (name: string) => string | readonly string[] | undefined
  readonly body: string
}

/**
 * Is the message from somebody who knows one of the secrets, and of these minutes? (Standard Webhooks, "Verifying
 * webhook authenticity".)
 * @returns undefined when it is, else what is wrong
 */
export const wrongWithSignature = (
  secrets: WebhookSecrets,
  { header, body }: ReceivedMessage,
  now: Instant,
): 'missing' | 'too-old' | 'wrong' | undefined => {
  const [id, seconds, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    header,
  )
  if (typeof id !== 'string' || typeof seconds !== 'string' || typeof signatures !== 'string')
    return 'missing'
  if (id === '' || !/^\d{1,12}$/.test(seconds)) return 'wrong'
  const given = signatures
    .split(' ')
    .slice(0, 2 * MOST_SECRETS)
    .flatMap((text) => (text.startsWith('v1,') ? [Buffer.from(text.slice(3), 'base64')] : []))
  const genuine = secrets.some((secret) => {
    const expected = signatureOf(secret, id, seconds, body)
    return given.some((it) => it.length === expected.length && timingSafeEqual(it, expected))
  })
  if (!genuine) return 'wrong'
  return Math.abs(toMillis(now) - Number(seconds) * 1000) > TOLERANCE_MILLIS ? 'too-old' : undefined
}
