import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { testApi } from './testing/testApi.ts'

const api = testApi()
const impatient = testApi(undefined, { limits: { headersMillis: 300, requestMillis: 600 } })
let port = 0
let impatientPort = 0

const listen = async (server: typeof api): Promise<number> => {
  await server.listen({ host: '127.0.0.1', port: 0 })
  const address = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

beforeAll(async () => {
  port = await listen(api)
  impatientPort = await listen(impatient)
})
afterAll(async () => {
  await api.close()
  await impatient.close()
})

/** Sends bytes and gives back all that came until the server closed the connection. */
const talk = async (write: (socket: Socket) => void, to = port): Promise<string> => {
  const socket = connect(to, '127.0.0.1')
  let heard = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    heard += text
  })
  // The server may hang up while we still write.
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  write(socket)
  await closed
  return heard
}

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}/v1/catalogs`, {
    method: 'POST',
    headers: { authorization: 'user alice', 'content-type': 'application/json', ...headers },
    body,
  })

describe('over a real socket', () => {
  it('a command goes in and its answer comes out', async () => {
    const answer = await post('{"displayName":"Prénom 名前"}')
    expect(answer.status).toBe(201)
    expect(answer.headers.get('portcullis-position')).toBe('7')
  })

  it('a body of 10 MB is refused with 413, and the server goes on', async () => {
    const heard = await talk((socket) => {
      const size = 10 * 1024 * 1024
      socket.write(
        `POST /v1/catalogs HTTP/1.1\r\nHost: x\r\nAuthorization: user alice\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
      )
      socket.write('x'.repeat(size))
    })
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(heard).toContain('"code":"http.body-too-large"')
    expect((await post('{"displayName":"x"}')).status).toBe(201)
  })

  it('a chunked body of 10 MB, whose length nobody says, is refused too', async () => {
    const heard = await talk((socket) => {
      socket.write(
        'POST /v1/catalogs HTTP/1.1\r\nHost: x\r\nAuthorization: user alice\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      )
      const chunk = 'x'.repeat(1024 * 1024)
      for (let sent = 0; sent < 10; sent += 1) socket.write(`100000\r\n${chunk}\r\n`)
      socket.write('0\r\n\r\n')
    })
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('10 MB from a stranger are not read', async () => {
    const heard = await talk((socket) => {
      socket.write(
        `POST /v1/catalogs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${10 * 1024 * 1024}\r\n\r\n{`,
      )
    })
    expect(heard).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('headers over 16 KiB get 431 as problem+json', async () => {
    const heard = await talk((socket) => {
      socket.write(`GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)
    })
    expect(heard).toMatch(/^HTTP\/1\.1 431 /)
    expect(heard).toContain('application/problem+json')
    expect(heard).toContain('"code":"http.headers-too-large"')
  })

  it('garbage gets 400', async () => {
    const heard = await talk((socket) => socket.write('what is this?\r\n\r\n'))
    expect(heard).toMatch(/^HTTP\/1\.1 400 /)
    expect(heard).toContain('"code":"http.malformed"')
  })

  it('headers or a body that never end are given up on', async () => {
    const headers = talk(
      (socket) => socket.write('GET /v1/me HTTP/1.1\r\nHost: x\r\n'),
      impatientPort,
    )
    const body = talk(
      (socket) =>
        socket.write(
          'POST /v1/catalogs HTTP/1.1\r\nHost: x\r\nAuthorization: user alice\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"displ',
        ),
      impatientPort,
    )
    expect(await headers).toMatch(/^HTTP\/1\.1 408 /)
    expect(await body).toMatch(/^HTTP\/1\.1 408 /)
  })

  it.each([
    ['has never sent a byte', '', { drainMillis: 600_000 }],
    ['never ends its request', 'GET /v1/me HTTP/1.1\r\nHost: x\r\n', { drainMillis: 100 }],
  ])('a client that %s keeps nobody from stopping', async (_, bytes, limits) => {
    const patient = { headersMillis: 200_000, requestMillis: 250_000 }
    const stopping = testApi(undefined, { limits: { ...patient, ...limits } })
    const accepted = once(stopping.server, 'connection')
    const heard = talk((socket) => socket.write(bytes), await listen(stopping))
    const [theirs] = await accepted
    await vi.waitFor(() => expect(theirs.bytesRead).toBe(bytes.length))
    await stopping.close()
    expect(await heard).toBe('')
  })

  it('a client that hangs up in the middle of its body harms nobody', async () => {
    const before = await new Promise<number>((resolve) => {
      api.server.getConnections((_error, count) => resolve(count))
    })
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise<void>((resolve) => {
      socket.write(
        'POST /v1/catalogs HTTP/1.1\r\nHost: x\r\nAuthorization: user alice\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"displ',
        () => resolve(),
      )
    })
    socket.resetAndDestroy()
    await vi.waitFor(async () => {
      const count = await new Promise<number>((resolve) => {
        api.server.getConnections((_error, open) => resolve(open))
      })
      expect(count).toBeLessThanOrEqual(before)
    })
    expect((await post('{"displayName":"x"}')).status).toBe(201)
  })
})
