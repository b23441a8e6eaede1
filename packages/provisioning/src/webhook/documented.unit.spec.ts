import { readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { readSecrets, signedHeaders, wrongWithSignature } from './signature.ts'
import { orderMessage } from './webhookMessages.ts'

const page = readFileSync(
  new URL('../../../../docs/reference/webhook-messages.md', import.meta.url),
  'utf8',
)
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  )
const [order = '', callback = ''] = blocks('json')
const [orderHeaders = {}, callbackHeaders = {}] = blocks('http').map((text) =>
  Object.fromEntries(text.split('\n').map((line) => line.split(': ', 2) as [string, string])),
)
const secret = /`(whsec_\S+)`/.exec(page)?.[1] ?? ''
const read = readSecrets(secret)
const secrets = 'secrets' in read ? read.secrets : undefined
if (secrets === undefined) throw new Error('the page shows no secret')

describe('the page on messages of webhooks', () => {
  it('shows an order as it is sent', () => {
    const { timestamp, data } = JSON.parse(order)
    const { resource, role, subject, operationId } = data
    const access = { resource, role, subject }
    const base = 'https://access.example.com'
    const message = orderMessage('grant', access, operationId, timestamp, base)
    expect(JSON.stringify(message.payload)).toBe(order)
    expect(signedHeaders(secrets, { id: message.id, at: timestamp, body: order })).toEqual(
      orderHeaders,
    )
  })

  it.each([
    ['order', order, orderHeaders],
    ['callback', callback, callbackHeaders],
  ] as const)(
    'shows an %s with the signature that the standard’s library makes',
    (_, body, headers) => {
      const at = new Date(Number(headers['webhook-timestamp']) * 1000)
      const id = headers['webhook-id'] ?? ''
      expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(id, at, body))
      const received = { header: (name: string) => headers[name], body }
      expect(wrongWithSignature(secrets, received, at.toISOString())).toBeUndefined()
    },
  )
})
