import { beforeEach, describe, expect, it } from 'vitest'
import { createBulkHandler } from './bulkHandler.ts'
import { createCommandHandler } from './commandHandler.ts'
import { digestOf } from './commandIdentity.ts'
import type { CommandEnvelope } from './commandOutcome.ts'
import { NO_STREAM } from './eventStore.ts'
import type { Actor } from './events.ts'
import { refuse } from './refusals.ts'
import { counter } from './testing/counter.fixture.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fakeStore } from './testing/fakeStore.fixture.ts'

const KEY = '0e4a2c50-58f2-4a3c-9a5e-5d2f7c6f4b01'
const alice = { kind: 'user', id: 'alice' } as const
const bob = { kind: 'user', id: 'bob' } as const
const timer = { kind: 'system', id: 'timer' } as const

describe('a key that was used before', () => {
  let fake: ReturnType<typeof fakeStore>
  const clock = fakeClock('2026-05-01T08:00:00.000Z')
  beforeEach(() => {
    fake = fakeStore()
  })

  const envelope = (actor: Actor, to: number): CommandEnvelope =>
    actor.kind === 'system'
      ? { commandId: KEY, actor }
      : { commandId: KEY, actor, digest: digestOf({ to }) }
  const sent = (actor: Actor, to: number) => ({
    command: { type: 'CountTo', to } as const,
    envelope: envelope(actor, to),
  })
  const handle = (actor: Actor, to: number, store = fake.store) =>
    createCommandHandler({ store, clock })({
      stream: 'counter-1',
      decider: counter,
      ...sent(actor, to),
      facts: () => ({ limit: 10 }),
    })
  const counts = () => fake.log.map(({ data }) => data)

  it('for something else is refused, and nothing is done', async () => {
    await handle(alice, 2)
    const other = await handle(alice, 3)
    expect(other).toMatchObject({
      ok: false,
      refusal: { code: 'command.key-reused', kind: 'not-allowed', data: { commandId: KEY } },
    })
    expect(counts()).toEqual([{ to: 2 }])
    expect(await handle(alice, 2)).toMatchObject({ ok: true, repeated: true, state: { count: 2 } })
  })

  it('by somebody else, or by the engine, is another command', async () => {
    await handle(alice, 2)
    expect(await handle(timer, 3)).toMatchObject({ ok: true, repeated: false })
    expect(await handle(bob, 4)).toMatchObject({ ok: true, repeated: false })
    expect(await handle({ kind: 'service', id: 'alice' }, 5)).toMatchObject({ repeated: false })
    expect(counts()).toEqual([{ to: 2 }, { to: 3 }, { to: 4 }, { to: 5 }])
  })

  it('for what was refused, or had nothing to do, is free again (ADR 0006)', async () => {
    expect(await handle(alice, 11)).toMatchObject({ ok: false })
    expect(await handle(alice, 0)).toMatchObject({ ok: true, events: [] })
    expect(await handle(alice, 3)).toMatchObject({ ok: true, repeated: false })
  })

  it('in the same bulk counts as well', async () => {
    const [outcome] = await createBulkHandler({ store: fake.store, clock })([
      {
        stream: 'counter-1',
        decider: counter,
        commands: [sent(alice, 2), sent(alice, 3), sent(alice, 2), sent(bob, 4)],
        facts: () => ({ limit: 10 }),
      },
    ])
    expect(outcome?.outcomes).toMatchObject([
      { ok: true, repeated: false, state: { count: 2 }, revision: 0n },
      { ok: false, refusal: { code: 'command.key-reused' } },
      { ok: true, repeated: true, state: { count: 2 }, revision: 0n },
      { ok: true, repeated: false, state: { count: 4 }, revision: 1n },
    ])
    expect(counts()).toEqual([{ to: 2 }, { to: 4 }])
  })

  it('at the same moment, for something else, is refused: no store takes the one for the other', async () => {
    const rival = fake.storeWith(async (stream, expected, events) => {
      if (fake.log.length === 0) await handle(alice, 2)
      return fake.append(stream, expected, events)
    })
    expect(await handle(alice, 3, rival)).toMatchObject({
      ok: false,
      refusal: { code: 'command.key-reused' },
    })
    expect(counts()).toEqual([{ to: 2 }])
  })

  it('is answered by what the store holds, where the store calls an append repeated', async () => {
    // The same ids, but as they were decided on other facts.
    const store = fake.storeWith(async (stream, _expected, events) => {
      if (fake.log.length > 0) throw new Error('it was to be read, not appended again')
      const [event] = events
      if (event === undefined) throw new Error('nothing to append')
      const stored = { ...event, data: { to: 1 } }
      return { ...(await fake.append(stream, NO_STREAM, [stored])), repeated: true }
    })
    expect(await handle(alice, 3, store)).toMatchObject({
      ok: true,
      repeated: true,
      state: { count: 1 },
      events: [{ data: { to: 1 } }],
    })
  })

  it('is asked about before the facts are gathered, but not for a repeat', async () => {
    const asked: string[] = []
    const guarded = (to: number, no: boolean) =>
      createCommandHandler({ store: fake.store, clock })({
        stream: 'counter-1',
        decider: counter,
        ...sent(alice, to),
        admit: async () => {
          asked.push(`admit ${to}`)
          return no ? refuse('not-allowed', 'spec.no', 'no').refusal : undefined
        },
        facts: () => {
          asked.push(`facts ${to}`)
          return { limit: 10 }
        },
      })
    expect(await guarded(2, true)).toMatchObject({ ok: false, refusal: { code: 'spec.no' } })
    await guarded(2, false)
    expect(await guarded(2, true)).toMatchObject({ ok: true, repeated: true })
    expect(asked).toEqual(['admit 2', 'admit 2', 'facts 2'])
  })
})
