import { describe, expect, it, vi } from 'vitest'
import { DEFAULT_RETRY_POLICY, delayBefore, retryAfterMillis, systemTiming } from './retryPolicy.ts'
import { broken, json, problem, scripted, silent } from './testing/scriptedApi.ts'

const ID = '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'
const DONE = { commandId: ID, position: '7', repeated: true }
const asked = { packageId: 'web-team' }

describe('a call is tried again', () => {
  it.each([408, 429, 502, 503, 504])('after %i, under the same command id', async (status) => {
    const { client, received, slept } = scripted([problem(status, 'busy'), json(DONE)])
    expect(await client.submitRequest(asked)).toEqual(DONE)
    const ids = received.map(({ headers }) => headers['idempotency-key'])
    expect(ids).toEqual([ids[0], ids[0]])
    expect(slept).toEqual([200])
  })

  it('after a lost connection, a query as well as a command', async () => {
    const { client, received } = scripted([broken, broken, json({ items: [], next: null })])
    await client.listCatalogs()
    expect(received).toHaveLength(3)
  })

  it('after a proxy’s page that says "not now"', async () => {
    const { client } = scripted([() => new Response('<html>', { status: 502 }), json(DONE)])
    expect(await client.submitRequest(asked)).toEqual(DONE)
  })

  it('after a try that nothing answered in its time', async () => {
    const { client, received } = scripted([silent, json(DONE)], { retryPolicy: { tryMillis: 1 } })
    expect(await client.submitRequest(asked)).toEqual(DONE)
    expect(received).toHaveLength(2)
  })

  it.each([400, 401, 403, 404, 409, 413, 422, 500])('not after %i', async (status) => {
    const { client, received } = scripted([problem(status, 'no')])
    await expect(client.submitRequest(asked)).rejects.toThrow('it is no')
    expect(received).toHaveLength(1)
  })
})

describe('the retry policy', () => {
  it('grows by doubling, and ends after so many tries', async () => {
    const { client, slept } = scripted([broken])
    await expect(client.submitRequest(asked, { commandId: ID })).rejects.toMatchObject({
      name: 'Unreachable',
      operation: 'submitRequest',
      commandId: ID,
      tries: 8,
      message: `submitRequest: given up after 8 tries, the last: read ECONNRESET; whether it was done is not known: send it again under the command id ${ID}`,
    })
    expect(slept).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000])
  })

  it('ends before a try that would begin after the total time', async () => {
    const { client, slept } = scripted([problem(503, 'store.unavailable')], {
      retryPolicy: { totalMillis: 1000, tries: 100 },
    })
    await expect(client.getMe()).rejects.toMatchObject({
      commandId: undefined,
      tries: 3,
      problem: { code: 'store.unavailable' },
      message:
        'getMe: given up after 3 tries, the last: 503 store.unavailable: it is store.unavailable',
    })
    expect(slept).toEqual([200, 400])
  })

  it('waits as long as the API asks for, and gives up at once when that is too long', async () => {
    const soon = scripted([problem(503, 'busy', { 'retry-after': '7' }), json(DONE)])
    await soon.client.submitRequest(asked)
    expect(soon.slept).toEqual([7000])
    const late = scripted([problem(429, 'busy', { 'retry-after': '3600' })])
    await expect(late.client.submitRequest(asked)).rejects.toMatchObject({ tries: 1 })
    expect(late.slept).toEqual([])
  })

  it('spreads those who failed together: between half of the delay and all of it', () => {
    const at = (random: number) => delayBefore(DEFAULT_RETRY_POLICY, 3, undefined, () => random)
    expect([at(0), at(0.5), at(0.999_999)]).toEqual([800, 600, 400])
  })

  it.each([
    ['7', 7000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 00:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 00:00:00 GMT', 0],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('Retry-After %j is %j ms', (header, millis) => {
    expect(retryAfterMillis(header, Date.UTC(2026, 10, 23))).toBe(millis)
  })
})

describe('an abort', () => {
  it('ends a call under way, with the reason', async () => {
    const stop = new AbortController()
    const { client, received } = scripted([silent])
    const call = client.submitRequest(asked, { signal: stop.signal })
    await vi.waitUntil(() => received.length === 1)
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect(received).toHaveLength(1)
  })

  it('while the token is fetched sends nothing', async () => {
    const stop = new AbortController()
    const { client, received } = scripted([json(DONE)])
    const call = client.submitRequest(asked, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect(received).toEqual([])
  })

  it('ends the wait between two tries', async () => {
    const stop = new AbortController()
    const slept = systemTiming.sleep(1_000_000, stop.signal)
    stop.abort(new Error('enough'))
    await expect(slept).rejects.toThrow('enough')
    await expect(systemTiming.sleep(1_000_000, stop.signal)).rejects.toThrow('enough')
  })

  it('before the call sends nothing', async () => {
    const { client, received } = scripted([json(DONE)])
    const call = client.submitRequest(asked, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(call).rejects.toThrow('enough')
    expect(received).toEqual([])
  })
})

describe('the token', () => {
  const unauthorised = problem(401, 'authentication.expired')

  it('is asked for once, and again when it is turned down', async () => {
    const asks: (string | undefined)[] = []
    const { client, received } = scripted([json(DONE), unauthorised, json(DONE), json(DONE)], {
      token: async (turnedDown) => {
        asks.push(turnedDown)
        return `token ${asks.length}`
      },
    })
    for (let call = 0; call < 3; call += 1) await client.submitRequest(asked)
    expect(asks).toEqual([undefined, 'token 1'])
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token 1',
      'Bearer token 1',
      'Bearer token 2',
      'Bearer token 2',
    ])
    const ids = received.map(({ headers }) => headers['idempotency-key'])
    expect(ids[1]).toBe(ids[2])
  })

  it('is renewed once for many who were turned down together', async () => {
    let asks = 0
    const { client } = scripted([unauthorised, unauthorised, json(DONE)], {
      token: () => `token ${++asks}`,
    })
    await Promise.all([client.submitRequest(asked), client.submitRequest(asked)])
    expect(asks).toBe(2)
  })

  it('turned down twice, or fixed, is a refusal', async () => {
    const twice = scripted([unauthorised], { token: () => 'x' })
    await expect(twice.client.getMe()).rejects.toMatchObject({ status: 401 })
    expect(twice.received).toHaveLength(2)
    const fixed = scripted([unauthorised])
    await expect(fixed.client.getMe()).rejects.toMatchObject({ code: 'authentication.expired' })
    expect(fixed.received).toHaveLength(1)
  })

  it('that can not be had is told, and asked for anew by the next call', async () => {
    let asks = 0
    const { client } = scripted([json(DONE)], {
      token: () => {
        asks += 1
        if (asks === 1) throw new Error('the issuer sleeps')
        return 'x'
      },
    })
    await expect(client.submitRequest(asked)).rejects.toThrow('the issuer sleeps')
    expect(await client.submitRequest(asked)).toEqual(DONE)
  })
})
