import { describe, expect, it } from 'vitest'
import type { ApiOptions } from './createApi.ts'
import { fakeApplication, person } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const open = (options: Partial<ApiOptions>) => {
  const api = testApi(
    fakeApplication({ whoAmI: async ({ actor }) => ({ person: person(actor.id), groupIds: [] }) }),
    options,
  )
  const ask = async (
    authorization: string | undefined,
    from = '203.0.113.7',
    more: { readonly url?: string; readonly forwarded?: string } = {},
  ) =>
    api.inject({
      url: more.url ?? '/v1/me',
      remoteAddress: from,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(more.forwarded === undefined ? {} : { 'x-forwarded-for': more.forwarded }),
      },
    })
  const statuses = async (times: number, ...asked: Parameters<typeof ask>) => {
    const all: number[] = []
    for (let time = 0; time < times; time += 1) all.push((await ask(...asked)).statusCode)
    return all
  }
  return { ask, statuses }
}

const rates = { perCaller: 0, perAddress: 0, exemptServices: [] }

describe('rate limits', () => {
  it('one person gets so many answers a minute, wherever they ask from; others are served', async () => {
    const { ask, statuses } = open({ rates: { ...rates, perCaller: 3 } })
    expect(await statuses(3, 'user alice')).toEqual([200, 200, 200])
    const answer = await ask('user alice', '203.0.113.8')
    expect([answer.statusCode, answer.json().code]).toEqual([429, 'http.too-many-requests'])
    expect(answer.json().detail).toContain('3 requests a minute')
    const retryAfter = Number(answer.headers['retry-after'])
    expect(retryAfter).toBeGreaterThanOrEqual(1)
    expect(retryAfter).toBeLessThanOrEqual(60)
    expect(await statuses(1, 'user bob')).toEqual([200])
  })

  it('a service is not the person of the same name, and one that is named has no limit', async () => {
    const { statuses } = open({ rates: { ...rates, perCaller: 2, exemptServices: ['hr'] } })
    expect(await statuses(2, 'user hr')).toEqual([200, 200])
    expect(await statuses(1, 'user hr')).toEqual([429])
    expect(await statuses(5, 'service hr')).toEqual([200, 200, 200, 200, 200])
    expect(await statuses(3, 'service payroll')).toEqual([200, 200, 429])
  })

  it('one address gets so many answers a minute, with a token or without, also where nothing is', async () => {
    const { statuses } = open({ rates: { ...rates, perAddress: 3 } })
    expect(await statuses(2, undefined)).toEqual([401, 401])
    expect(await statuses(2, 'user alice')).toEqual([200, 429])
    expect(await statuses(1, undefined, '203.0.113.7', { url: '/nowhere' })).toEqual([429])
    expect(await statuses(1, 'user alice', '203.0.113.8')).toEqual([200])
  })

  it('neither probes nor this machine itself are held up', async () => {
    const { statuses } = open({ rates: { ...rates, perAddress: 1 } })
    const probe = { url: '/healthz' }
    expect(await statuses(3, undefined, '203.0.113.7', probe)).toEqual([200, 200, 200])
    expect(await statuses(3, 'user alice', '127.0.0.1')).toEqual([200, 200, 200])
    expect(await statuses(3, 'user alice', '::ffff:127.0.0.1')).toEqual([200, 200, 200])
  })

  it('X-Forwarded-For counts from a trusted proxy alone', async () => {
    const limited = { rates: { ...rates, perAddress: 1 } }
    const stranger = open(limited)
    const said = (forwarded: string) => ({ forwarded })
    expect([
      ...(await stranger.statuses(1, 'user alice', '10.0.0.1', said('198.51.100.1'))),
      ...(await stranger.statuses(1, 'user alice', '10.0.0.1', said('198.51.100.2'))),
    ]).toEqual([200, 429])
    const behind = open({ ...limited, trustedProxies: ['10.0.0.0/8'] })
    expect([
      ...(await behind.statuses(1, 'user alice', '10.0.0.1', said('198.51.100.1'))),
      ...(await behind.statuses(1, 'user alice', '10.0.0.2', said('198.51.100.1'))),
      ...(await behind.statuses(1, 'user alice', '10.0.0.1', said('198.51.100.2'))),
    ]).toEqual([200, 429, 200])
  })

  it('there are none unless they are set', async () => {
    const { statuses } = open({})
    expect(new Set(await statuses(50, 'user alice'))).toEqual(new Set([200]))
  })
})
