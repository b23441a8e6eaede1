import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'

/** Sends commands over connections that stay open, at most one for each caller. */
export interface HttpClient {
  /** @throws Error with the answer's body when it isn't 2xx */
  post(path: string, token: string, body: object): Promise<Readonly<Record<string, unknown>>>
  close(): void
}

export const createHttpClient = (baseUrl: string, callers: number): HttpClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const { hostname, port } = new URL(baseUrl)
  return {
    post: (path, token, body) => {
      const { promise, resolve, reject } =
        Promise.withResolvers<Readonly<Record<string, unknown>>>()
      const payload = JSON.stringify(body)
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
        'idempotency-key': randomUUID(),
      }
      const sent = request({ agent, hostname, port, path, method: 'POST', headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8')
          const status = answer.statusCode ?? 0
          if (status < 200 || status > 299) reject(new Error(`${path}: ${status} ${text}`))
          else resolve(JSON.parse(text))
        })
      })
      sent.on('error', reject)
      sent.end(payload)
      return promise
    },
    close: () => agent.destroy(),
  }
}
