import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import {
  type ReceivedMessage,
  readSecrets,
  signedHeaders,
  type WebhookSecrets,
  wrongWithSignature,
} from './signature.ts'

const ONE = `whsec_${Buffer.from('1'.repeat(24)).toString('base64')}`
const TWO = `whsec_${Buffer.from('2'.repeat(32)).toString('base64')}`
const AT = '2026-03-01T09:00:00.000Z'

const secretsOf = (text: string): WebhookSecrets => {
  const read = readSecrets(text)
  if ('wrong' in read) throw new Error(read.wrong)
  return read.secrets
}
const message = { id: 'msg_1', at: AT, body: '{"subject":"Zoë"}' }
const received = (
  headers: Readonly<Record<string, string>>,
  body = message.body,
): ReceivedMessage => ({ header: (name) => headers[name], body })

describe('secrets', () => {
  it('are read as Standard Webhooks writes them, several for a change-over', () => {
    expect(secretsOf(ONE)).toHaveLength(1)
    expect(secretsOf(`${TWO}\n${ONE}\n`)).toHaveLength(2)
  })

  it.each([
    ['nothing', '', /no secret/],
    ['no prefix', ONE.slice(6), /whsec_/],
    ['a short one', 'whsec_c2hvcnQ=', /24 to 64/],
    ['a word', 'whsec_not base64', /24 to 64/],
    ['too many', Array(6).fill(ONE).join(' '), /more than 5/],
  ])('refuse %s, and show nothing of it', (_, text, message) => {
    expect(readSecrets(text)).toEqual({ wrong: expect.stringMatching(message) })
  })
})

describe('signing', () => {
  it('equals what the library of Standard Webhooks makes', () => {
    const headers = signedHeaders(secretsOf(ONE), message)
    expect(headers).toEqual({
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1772355600',
      'webhook-signature': new Webhook(ONE).sign('msg_1', new Date(AT), message.body),
    })
  })

  it('satisfies the library, which reads the clock of the machine', () => {
    const now = { ...message, at: new Date().toISOString() }
    const headers = signedHeaders(secretsOf(`${TWO} ${ONE}`), now)
    for (const secret of [ONE, TWO])
      expect(new Webhook(secret).verify(now.body, headers)).toEqual({ subject: 'Zoë' })
  })
})

describe('checking', () => {
  const headers = signedHeaders(secretsOf(ONE), message)

  it('takes what the library signed, by any of the secrets', () => {
    const signature = new Webhook(ONE).sign('msg_1', new Date(AT), message.body)
    const sent = received({ ...headers, 'webhook-signature': `v2,AAAA ${signature}` })
    expect(wrongWithSignature(secretsOf(`${TWO} ${ONE}`), sent, AT)).toBeUndefined()
  })

  it.each([
    ['five minutes old', '2026-03-01T09:05:00.000Z', undefined],
    ['older', '2026-03-01T09:05:01.000Z', 'too-old'],
    ['from five minutes ahead', '2026-03-01T08:55:00.000Z', undefined],
    ['from further ahead', '2026-03-01T08:54:59.000Z', 'too-old'],
  ])('says of a message that is %s', (_, now, wrong) => {
    expect(wrongWithSignature(secretsOf(ONE), received(headers), now)).toBe(wrong)
  })

  it.each([
    ['another secret', received(signedHeaders(secretsOf(TWO), message))],
    ['another body', received(headers, '{}')],
    ['another id', received({ ...headers, 'webhook-id': 'msg_2' })],
    ['another time', received({ ...headers, 'webhook-timestamp': '1772355601' })],
    ['no time', received({ ...headers, 'webhook-timestamp': 'now' })],
    ['a cut signature', received({ ...headers, 'webhook-signature': 'v1,AAAA' })],
    ['another version', received({ ...headers, 'webhook-signature': 'v1a,AAAA' })],
  ])('refuses %s', (_, sent) => {
    expect(wrongWithSignature(secretsOf(ONE), sent, AT)).toBe('wrong')
  })

  it('misses a header that is not there', () => {
    for (const name of Object.keys(headers)) {
      const rest = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))
      expect(wrongWithSignature(secretsOf(ONE), received(rest), AT)).toBe('missing')
    }
  })
})
