import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type Access,
  absent,
  type Connector,
  ConnectorError,
  type Holder,
  unreadable,
} from '../connector.ts'
import { createMemoryConnector, type MemoryConnector } from '../memory/memoryConnector.ts'
import { accessOf, describeConnectorContract } from '../testing/index.ts'
import { governed } from './governed.ts'
import { limitsOf } from './limits.ts'

const clock = { now: () => new Date().toISOString() }
const limits = limitsOf({ concurrency: 2, circuit: { failures: 3 } })
const under = (connector: Connector, changes: string[] = []): Connector =>
  governed(connector, {
    limits,
    clock,
    random: () => 0,
    onChange: (name, { state }) => changes.push(`${name} ${state}`),
  })
const { signal } = new AbortController()
const down = new ConnectorError('memory.down', 'down', { transient: true })

describeConnectorContract('governed', async () => {
  const memory = createMemoryConnector({ name: 'memory' })
  return {
    connector: governed(memory, { limits: limitsOf({}), clock }),
    second: () => memory,
    accesses: Array.from({ length: 12 }, (_, n) => accessOf(`person-${n}`, 'Marketing')),
    otherRole: accessOf('person-0', 'Marketing', 'owner'),
    holders: async () =>
      memory
        .memberships()
        .filter(({ role }) => role === 'member')
        .map(({ subject }) => subject),
    break: async (kind) =>
      memory.failWith(
        new ConnectorError('memory.down', 'down', { transient: kind === 'for a while' }),
      ),
    repair: async () => memory.failWith(null),
    close: async () => {},
  }
})

describe('a governed connector', () => {
  let memory: MemoryConnector
  let changes: string[]
  let connector: Connector
  beforeEach(() => {
    vi.useFakeTimers()
    memory = createMemoryConnector({ name: 'memory' })
    changes = []
    connector = under(memory, changes)
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('opens no circuit by time that operations spend in our own line', async () => {
    const slow: Connector = {
      ...memory,
      // What was told to give up in the middle of it ends then.
      readBack: (_access, given) =>
        new Promise((resolve, reject) => {
          given.addEventListener('abort', () => reject(given.reason))
          setTimeout(() => resolve(absent()), 4_000)
        }),
    }
    connector = under(slow, changes)
    const attempts = Array.from({ length: 12 }, (_, index) => {
      const time = new AbortController()
      setTimeout(() => time.abort(new DOMException('time is up', 'TimeoutError')), 9_000)
      const access = accessOf(`person-${index}`, 'Marketing')
      return connector.readBack(access, time.signal).catch((error: unknown) => error)
    })
    await vi.advanceTimersByTimeAsync(30_000)
    await Promise.all(attempts)
    expect(changes).toEqual([])
  })

  it('tells whoever was under way, and had no turn before time was up, that we were busy', async () => {
    const hanging: Connector = { ...memory, grant: () => new Promise(() => {}) }
    connector = under(hanging, changes)
    const access = accessOf('person-0', 'Marketing')
    await connector.readBack(access, signal)
    for (let call = 0; call < 2; call += 1)
      void connector.grant(accessOf(`other-${call}`, 'Marketing'), signal)
    const time = new AbortController()
    const granting = connector.grant(access, time.signal)
    const refused = expect(granting).rejects.toMatchObject({
      code: 'connector.busy',
      deferred: true,
    })
    await vi.advanceTimersByTimeAsync(0)
    time.abort(new DOMException('time is up', 'TimeoutError'))
    await refused
    expect(changes).toEqual([])
  })

  it('takes for no failure what the connector itself put off', async () => {
    memory.failWith(
      new ConnectorError('file.locked', 'another of us is at it', {
        transient: true,
        deferred: true,
        retryAfterMillis: 1_000,
      }),
    )
    for (let call = 0; call < 5; call += 1)
      await connector
        .grant(accessOf('person-0', 'Marketing'), signal)
        .catch((error: unknown) => error)
    expect(changes).toEqual([])
  })
  const look = (who = 'ann', until: AbortSignal = signal) =>
    connector.readBack(accessOf(who, 'wiki'), until)

  it('leaves a target alone that has failed in a row, and says when to come back', async () => {
    memory.failWith(down)
    for (let time = 0; time < 3; time += 1)
      await expect(look()).rejects.toMatchObject({ code: 'memory.down', deferred: false })
    memory.failWith(null)
    await expect(look()).rejects.toMatchObject({
      code: 'connector.circuit-open',
      transient: true,
      deferred: true,
      retryAfterMillis: 5_000,
    })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await look()).toMatchObject({ state: 'absent' })
    expect(changes).toEqual(['memory open', 'memory half-open', 'memory closed'])
  })

  const tooMany = (retryAfterMillis?: number) =>
    new ConnectorError('memory.throttled', 'too many', {
      transient: true,
      ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }),
    })

  it('takes no number of “too many” for failures, of one call or of many at once', async () => {
    memory.failWith(tooMany())
    for (let time = 0; time < 10; time += 1) {
      await expect(look()).rejects.toMatchObject({ code: 'memory.throttled', deferred: false })
      await expect(
        connector.grant(accessOf('ann', 'wiki'), signal, 'operation'),
      ).rejects.toMatchObject({ code: 'memory.throttled' })
    }
    const many = { ...memory.many, readBack: async () => [tooMany(), tooMany()] }
    connector = under({ ...memory, many }, changes)
    for (let time = 0; time < 10; time += 1)
      await connector.many?.readBack([accessOf('ann', 'wiki'), accessOf('bea', 'wiki')], signal)
    expect(changes).toEqual([])
  })

  it('leaves a target that says “too many” alone until it wants to be asked', async () => {
    memory.failWith(tooMany(2_000))
    for (let time = 0; time < 4; time += 1) {
      await expect(look()).rejects.toMatchObject({ code: 'memory.throttled' })
      await expect(look()).rejects.toMatchObject({
        code: 'connector.circuit-open',
        message: "memory wasn't called: it is left alone for now",
        retryAfterMillis: 2_000,
      })
      await vi.advanceTimersByTimeAsync(2_000)
    }
    memory.failWith(null)
    expect(await look()).toMatchObject({ state: 'absent' })
    expect(changes.at(-1)).toBe('memory closed')
  })

  it('takes many of which some are “too many” and the others failures for a failure', async () => {
    const many = { ...memory.many, readBack: async () => [tooMany(), down] }
    connector = under({ ...memory, many }, changes)
    for (let time = 0; time < 3; time += 1)
      await connector.many?.readBack([accessOf('ann', 'wiki'), accessOf('bea', 'wiki')], signal)
    expect(changes).toEqual(['memory open'])
  })

  it('takes a lasting failure for an answer', async () => {
    memory.failWith(new ConnectorError('memory.no', 'no', { transient: false }))
    for (let time = 0; time < 10; time += 1)
      await expect(look()).rejects.toMatchObject({ code: 'memory.no' })
    expect(changes).toEqual([])
  })

  it('learns nothing from a look at a target that can’t be asked', async () => {
    memory.readBack = async () => unreadable('memory.mute', 'it does not say')
    memory.failWith(down)
    for (let time = 0; time < 3; time += 1) {
      expect(await look()).toMatchObject({ state: 'unknown' })
      await expect(connector.grant(accessOf('ann', 'wiki'), signal)).rejects.toBe(down)
    }
    expect(changes).toEqual(['memory open'])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await look()).toMatchObject({ state: 'unknown' })
    expect(changes).toEqual(['memory open', 'memory half-open'])
    memory.failWith(null)
    await connector.grant(accessOf('ann', 'wiki'), signal)
    expect(changes.at(-1)).toBe('memory closed')
  })

  it('counts a time-out against the target, and a worker that stops against nobody', async () => {
    memory.readBack = (_access, until) =>
      new Promise((_, reject) => until.addEventListener('abort', () => reject(until.reason)))
    const end = async (reason: unknown) => {
      const stop = new AbortController()
      const looked = expect(look('ann', stop.signal)).rejects.toBe(reason)
      await vi.advanceTimersByTimeAsync(0)
      stop.abort(reason)
      await looked
    }
    for (let time = 0; time < 5; time += 1) await end(new Error('closing'))
    expect(changes).toEqual([])
    for (let time = 0; time < 3; time += 1) await end(new DOMException('late', 'TimeoutError'))
    expect(changes).toEqual(['memory open'])
  })

  it('sends callers away while calls hang, but keeps a place for what has begun', async () => {
    const begun = accessOf('ann', 'wiki')
    expect(await connector.readBack(begun, signal)).toMatchObject({
      state: 'absent',
    })
    const hanging: (() => void)[] = []
    memory.readBack = () =>
      new Promise((resolve) => {
        hanging.push(() => resolve(absent()))
      })
    const first = [look('bea'), look('cem')]
    await vi.advanceTimersByTimeAsync(10_001)
    await expect(look('dan')).rejects.toMatchObject({ code: 'connector.busy', deferred: true })
    const granting = connector.grant(begun, signal)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(memory.memberships()).toEqual([])
    for (const answer of hanging) answer()
    await Promise.all([...first, granting])
    expect(memory.memberships()).toHaveLength(1)
  })

  it('takes many in one call for one, which failed when all of it did', async () => {
    const answers: (readonly (undefined | ConnectorError)[])[] = [
      [down, undefined],
      [down, down],
      [down, down],
      [down, down],
    ]
    const called: number[] = []
    const one = {
      most: 100,
      readBack: async (accesses: readonly Access[]) => accesses.map(() => absent()),
      grant: async (operations: readonly object[]) => {
        called.push(operations.length)
        return answers.shift() ?? []
      },
      revoke: async () => [],
    }
    connector = under({ ...memory, many: one }, changes)
    const operations = ['ann', 'bea'].map((who) => ({
      access: accessOf(who, 'wiki'),
      operationId: who,
    }))
    expect(connector.many?.most).toBe(100)
    for (let time = 0; time < 4; time += 1) await connector.many?.grant(operations, signal)
    expect(called).toEqual([2, 2, 2, 2])
    expect(changes).toEqual(['memory open'])
    await expect(connector.many?.grant(operations, signal)).rejects.toMatchObject({
      code: 'connector.circuit-open',
    })
  })

  it('reads who has a role page by page', async () => {
    const holder = (label: string): Holder => ({
      subjectId: null,
      userName: null,
      email: null,
      label,
    })
    connector = under({
      ...memory,
      holders: async function* () {
        yield [holder('a'), holder('b')]
        yield [holder('c')]
      },
    })
    const pages: string[][] = []
    for await (const page of connector.holders?.(accessOf('ann', 'wiki'), signal) ?? [])
      pages.push(page.map(({ label }) => label))
    expect(pages).toEqual([['a', 'b'], ['c']])
    const { holders, many, ...plain } = memory
    expect(under(plain).holders).toBeUndefined()
    expect(under(plain).many).toBeUndefined()
  })
})
