import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Connector, ConnectorError } from '../connector.ts'
import type { Sleep } from '../http/pace.ts'
import { createScimConnector } from '../scim/scimConnector.ts'
import { accessOf } from '../testing/index.ts'
import { governed } from './governed.ts'
import { limitsOf } from './limits.ts'

const clock = { now: () => new Date().toISOString() }
const sleep: Sleep = (millis, signal) =>
  new Promise((wake, stop) => {
    setTimeout(wake, millis)
    signal.addEventListener('abort', () => stop(signal.reason))
  })

/** Nobody is found, after so long; or it is one request too many. */
type Says = { readonly after: number } | 'too many'

describe('a governed connector that keeps to its target’s pace', () => {
  let changes: string[]
  let connector: Connector
  let says: Says
  beforeEach(() => {
    vi.useFakeTimers()
    changes = []
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
      if (says === 'too many')
        return new Response(null, { status: 429, headers: { 'retry-after': '4' } })
      await sleep(says.after, init?.signal ?? new AbortController().signal)
      return Response.json({ totalResults: 0, Resources: [] })
    })
    const scim = createScimConnector({
      name: 'idm',
      baseUrl: 'https://idm.example.com/scim',
      token: 'token',
      clock,
      sleep,
    })
    connector = governed(scim, {
      limits: limitsOf({ circuit: { failures: 3 } }),
      clock,
      random: () => 0,
      onChange: (_, { state }) => changes.push(state),
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  /** One look after the other, each for so many people, and given up after 9 seconds. */
  const looks = async (people: number, times: number) => {
    const ended: unknown[] = []
    for (let time = 0; time < times; time += 1) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(new DOMException('time is up', 'TimeoutError')), 9_000)
      const accesses = Array.from({ length: people }, (_, n) => accessOf(`person-${n}`, 'g'))
      const looked = (connector.many?.readBack(accesses, stop.signal) ?? Promise.resolve()).then(
        () => 'answered',
        (error: unknown) =>
          error instanceof ConnectorError ? error.code : error instanceof Error && error.name,
      )
      await vi.advanceTimersByTimeAsync(9_001)
      ended.push(await looked)
    }
    return ended
  }

  it.each([1, 40])(
    'opens no circuit by the time that it waits for its turn, for %s at once',
    async (people) => {
      says = 'too many'
      expect(await looks(people, 5)).toEqual(Array.from({ length: 5 }, () => 'TimeoutError'))
      expect(changes).toEqual([])
    },
  )

  it('opens one by a target that doesn’t answer in time', async () => {
    says = { after: 20_000 }
    expect(await looks(1, 3)).toEqual(['TimeoutError', 'TimeoutError', 'TimeoutError'])
    expect(changes).toEqual(['open'])
  })

  it('opens one by a target that is slow, though others wait for their turn meanwhile', async () => {
    says = 'too many'
    await looks(1, 1)
    // The pace that was learnt is slow, and so are the answers.
    says = { after: 20_000 }
    expect(await looks(40, 6)).toContain('connector.circuit-open')
  })
})
