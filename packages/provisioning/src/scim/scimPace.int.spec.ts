import { fromMillis } from '@portcullis/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { accessOf, type ScimServer, startScimServer, statesOf } from '../testing/index.ts'
import { createScimConnector } from './scimConnector.ts'

const { signal } = new AbortController()
const BEGAN = Date.parse('2026-03-01T09:00:00.000Z')

/** Time that goes on only while no request is under way, to when the first of those wakes up who wait. */
const logicalTime = () => {
  let now = BEGAN
  let underWay = 0
  let waiting: { readonly at: number; readonly wake: () => void }[] = []
  const fetched = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (...asked) => {
    underWay += 1
    try {
      const response = await fetched(...asked)
      const text = await response.text()
      const { status, headers } = response
      return new Response(text === '' ? null : text, { status, headers })
    } finally {
      underWay -= 1
    }
  })
  const clock = { now: () => fromMillis(now) }
  return {
    clock,
    sleep: (millis: number) =>
      new Promise<void>((wake) => {
        waiting.push({ at: now + millis, wake })
      }),
    seconds: () => (now - BEGAN) / 1000,
    /** Until the work is done. */
    passFor: async <Done>(work: Promise<Done>): Promise<Done> => {
      let done = false
      const end = () => {
        done = true
      }
      work.then(end, end)
      for (let idle = 0; !done; idle = underWay > 0 ? 0 : idle + 1) {
        await new Promise(setImmediate)
        if (idle < 5) continue
        const at = Math.min(...waiting.map((each) => each.at))
        if (Number.isFinite(at)) now = Math.max(now, at)
        const due = waiting.filter((each) => each.at <= now)
        waiting = waiting.filter((each) => each.at > now)
        for (const { wake } of due) wake()
        idle = 0
      }
      return work
    },
  }
}

let server: ScimServer
beforeEach(async () => {
  server = await startScimServer()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.close()
})

it('gives 300 people a role where the service pages by 7 and takes 40 requests a second', async () => {
  const time = logicalTime()
  const group = server.addGroup('Everybody')
  const ids = Array.from({ length: 300 }, (_, n) => `person-${n}`)
  for (const id of ids) server.addUser({ userName: accessOf(id, group).subject.userName })
  server.pageBy(7)
  server.limitTo(40, time.clock)
  let tooMany = 0
  const connector = createScimConnector({
    name: 'idm',
    baseUrl: server.url,
    token: server.token,
    clock: time.clock,
    sleep: time.sleep,
    // By a clock that isn't the test's: however slow the machine is, nothing is given up.
    timeoutMillis: 600_000,
  })
  const fetched = vi.mocked(globalThis.fetch)
  const operations = ids.map((id) => ({ access: accessOf(id, group), operationId: id }))
  const batches = [0, 100, 200].map((start) => operations.slice(start, start + 100))
  await time.passFor(
    Promise.all(
      batches.map(async (batch) => {
        const accesses = batch.map(({ access }) => access)
        expect(await connector.many?.grant(batch, signal)).toEqual(
          batch.map(() => ({ account: { id: expect.any(String), member: expect.any(String) } })),
        )
        expect(statesOf((await connector.many?.readBack(accesses, signal)) ?? [])).toEqual(
          batch.map(() => 'present'),
        )
      }),
    ),
  )
  for (const { value } of fetched.mock.results)
    if (((await value) as Response).status === 429) tooMany += 1
  expect(server.membersOf(group)).toHaveLength(300)
  // 10 look-ups of 30 names by 7 and a few more, twice.
  expect(fetched.mock.calls.length - tooMany).toBeLessThan(150)
  expect(tooMany).toBeLessThan(20)
  expect(time.seconds()).toBeLessThan(10)
})

it('reads everybody in a group where the service pages by 7', async () => {
  const group = server.addGroup('Everybody')
  for (let n = 0; n < 100; n += 1)
    server.addMember(group, server.addUser({ userName: `person-${n}` }))
  server.pageBy(7)
  const connector = createScimConnector({
    name: 'idm',
    baseUrl: server.url,
    token: server.token,
    clock: { now: () => fromMillis(BEGAN) },
  })
  const names: (string | null)[] = []
  for await (const page of connector.holders?.(accessOf('x', group), signal) ?? [])
    names.push(...page.map(({ userName }) => userName))
  expect(new Set(names).size).toBe(100)
  expect(names).not.toContain(null)
  expect(server.requests.length).toBeLessThan(25)
})
