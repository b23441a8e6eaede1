import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { createClient, Unreachable } from './index.ts'

const QUICK = { firstDelayMillis: 1, longestDelayMillis: 1 }
const DONE = { commandId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11', position: '7', repeated: true }

let server: Server | undefined
afterEach(() => void server?.close())

/** A server that answers each try by the next of these, and notes the command ids that it got. */
const serve = async (
  ...replies: readonly ((request: IncomingMessage, response: ServerResponse) => void)[]
) => {
  const ids: unknown[] = []
  server = createServer(async (request, response) => {
    for await (const _ of request);
    ids.push(request.headers['idempotency-key'])
    replies[ids.length - 1]?.(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}`, ids }
}

const answer = (_: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(DONE))
}

it('an answer that is lost, whole or by half, is asked for again under the same command id', async () => {
  const { url, ids } = await serve(
    (request) => void request.socket.destroy(),
    (request, response) => {
      response.writeHead(201, { 'content-length': '1000' })
      response.write('{"commandId":', () => request.socket.destroy())
    },
    answer,
  )
  const client = createClient({ url, token: 'x', retryPolicy: QUICK })
  const { commandId } = DONE
  expect(await client.submitRequest({ packageId: 'p' }, { commandId })).toEqual(DONE)
  expect(ids).toEqual([commandId, commandId, commandId])
})

it('where nothing listens the command id comes back, to be sent again later', async () => {
  const { url } = await serve()
  server?.close()
  const client = createClient({ url, token: 'x', retryPolicy: { ...QUICK, tries: 2 } })
  const error: unknown = await client.submitRequest({ packageId: 'p' }).catch((each) => each)
  if (!(error instanceof Unreachable)) throw error
  expect(error.message).toContain('given up after 2 tries, the last: connect ECONNREFUSED')
  const commandId = error.commandId ?? ''
  const later = await serve(answer)
  await createClient({ url: later.url, token: 'x' }).submitRequest(
    { packageId: 'p' },
    { commandId },
  )
  expect(later.ids).toEqual([error.commandId])
})
