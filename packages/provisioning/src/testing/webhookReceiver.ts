import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'

/** What goes wrong with the next messages. */
export interface WebhookFault {
  /** Answered instead of doing the thing; 500 when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Do the thing first, then answer with the fault: the receiver's answer gets lost. */
  readonly afterwards?: boolean
  /** Never answered; the sender has to give up. */
  readonly hang?: boolean
  /** The connection is cut instead of an answer. */
  readonly drop?: boolean
  readonly times: number
  /** Only messages of this type; all when absent. */
  readonly type?: string
}

const thing = z.object({ id: z.string(), externalId: z.string() })
const messageSchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.object({
    operationId: z.uuid().optional(),
    fulfilmentId: z.string().optional(),
    callbackUrl: z.url().optional(),
    resource: thing.optional(),
    role: thing.optional(),
    subject: z.object({ id: z.string(), userName: z.string() }).optional(),
  }),
})
export type WebhookReceived = z.infer<typeof messageSchema> & { readonly id: string }

/** An order that somebody has to carry out. */
export interface Ticket {
  readonly fulfilmentId: string
  readonly callbackUrl: string
  readonly type: string
  /** Does what was ordered; says nothing to anybody. */
  carryOut(): void
}

export interface WebhookReceiver {
  readonly url: string
  /** `whsec_…` */
  readonly secret: string
  /** Every message with a good signature, in the order of arrival. */
  readonly received: readonly WebhookReceived[]
  /** `<resource>.<role>.<subject>` by ids. */
  holders(): readonly string[]
  /** From now on orders are answered with 202, and become tickets. */
  byHand(): void
  readonly tickets: readonly Ticket[]
  fail(fault: WebhookFault): void
  heal(): void
  /** A signed callback as the receiver sends it, ready for `fetch`. `at`: instant of its timestamp. */
  callback(
    payload: object,
    at: string,
    id?: string,
  ): { readonly body: string; readonly headers: Readonly<Record<string, string>> }
  close(): Promise<void>
}

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/**
 * A real HTTP server on loopback that takes messages signed by Standard Webhooks, checks them with that project's
 * library, and keeps who holds what.
 */
export const startWebhookReceiver = async (secret: string = SECRET): Promise<WebhookReceiver> => {
  const library = new Webhook(secret)
  const received: WebhookReceived[] = []
  const holders = new Set<string>()
  const tickets: Ticket[] = []
  let faults: WebhookFault[] = []
  let manual = false

  const act = ({ type, data }: WebhookReceived): { status: number; body: string } => {
    const key = [data.resource?.id, data.role?.id, data.subject?.id].join('.')
    if (type === 'access.read')
      return { status: 200, body: JSON.stringify({ present: holders.has(key) }) }
    if (type !== 'access.grant' && type !== 'access.revoke') return { status: 204, body: '' }
    const carryOut = (): void => {
      if (type === 'access.grant') holders.add(key)
      else holders.delete(key)
    }
    if (!manual) {
      carryOut()
      return { status: 200, body: '{"ok":true}' }
    }
    const { fulfilmentId = '', callbackUrl = '' } = data
    if (!tickets.some((ticket) => ticket.fulfilmentId === fulfilmentId))
      tickets.push({ fulfilmentId, callbackUrl, type, carryOut })
    return { status: 202, body: '' }
  }

  const takeFault = (type: string): WebhookFault | undefined => {
    const fault = faults.find((each) => each.type === undefined || each.type === type)
    faults = faults.flatMap((each) =>
      each !== fault ? [each] : each.times > 1 ? [{ ...each, times: each.times - 1 }] : [],
    )
    return fault
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray()).toString('utf8')
    const header = (name: string): string => String(request.headers[name] ?? '')
    const id = header('webhook-id')
    // `verify` asks the machine for the time, which specs set themselves; so the signature is made again and compared.
    const at = new Date(Number(header('webhook-timestamp')) * 1000)
    const expected = Number.isNaN(at.getTime()) ? '' : library.sign(id, at, body)
    if (id === '' || !header('webhook-signature').split(' ').includes(expected)) {
      response.writeHead(401).end('wrong signature')
      return
    }
    const message = { ...messageSchema.parse(JSON.parse(body)), id }
    received.push(message)
    const fault = takeFault(message.type)
    if (fault === undefined) {
      const done = act(message)
      response.writeHead(done.status, { 'content-type': 'application/json' }).end(done.body)
      return
    }
    if (fault.afterwards) act(message)
    if (fault.hang) return
    if (fault.drop) request.socket.destroy()
    else response.writeHead(fault.status ?? 500, fault.headers).end(fault.body ?? '')
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/access`,
    secret,
    received,
    tickets,
    holders: () => [...holders],
    byHand: () => {
      manual = true
    },
    fail: (fault) => {
      faults.push(fault)
    },
    heal: () => {
      faults = []
    },
    callback: (payload, at, id = 'msg_callback') => {
      const body = JSON.stringify(payload)
      const seconds = Math.floor(Date.parse(at) / 1000)
      return {
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(seconds),
          'webhook-signature': library.sign(id, new Date(seconds * 1000), body),
        },
      }
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
