import { beforeEach, describe, expect, it } from 'vitest'
import { createCommandHandler } from './commandHandler.ts'
import { digestOf, storedCommandId } from './commandIdentity.ts'
import { MAX_ATTEMPTS, TooManyConflicts } from './commandOutcome.ts'
import { type EventStore, RevisionConflict } from './eventStore.ts'
import { eventId } from './ids.ts'
import { counter } from './testing/counter.fixture.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fakeStore } from './testing/fakeStore.fixture.ts'

const START_OF_TEST = '2026-05-01T08:00:00.000Z'
const COMMAND = '0e4a2c50-58f2-4a3c-9a5e-5d2f7c6f4b01'
const OTHER = '7f9d3a1e-4c1b-4b8e-8b43-6a3d1d9e2c02'
const actor = { kind: 'user', id: 'mira' } as const
const ENVELOPE = { commandId: COMMAND, actor, digest: digestOf({ to: 1 }) }

describe('command handler', () => {
  let fake: ReturnType<typeof fakeStore>
  const clock = fakeClock(START_OF_TEST)
  const handleIn = (store: EventStore, to: number, commandId = COMMAND) =>
    createCommandHandler({ store, clock })({
      stream: 'counter-1',
      decider: counter,
      command: { type: 'CountTo', to },
      envelope: { commandId, actor, digest: digestOf({ to }) },
      facts: () => ({ limit: 10 }),
    })
  const handle = (to: number, commandId?: string) => handleIn(fake.store, to, commandId)

  beforeEach(() => {
    fake = fakeStore()
  })

  it('appends with ids of the command, and its metadata', async () => {
    const commandId = storedCommandId(actor, COMMAND)
    const digest = digestOf({ to: 3 })
    const outcome = await handle(3)
    expect(outcome).toMatchObject({ ok: true, state: { count: 3 }, position: 1n, revision: 0n })
    expect(fake.log).toEqual([
      {
        type: 'Counted.v1',
        data: { to: 3 },
        id: eventId(commandId, 'counter-1', 0, { digest, at: START_OF_TEST }),
        stream: 'counter-1',
        revision: 0n,
        position: 1n,
        metadata: { commandId, digest, correlationId: COMMAND, actor, at: START_OF_TEST },
      },
    ])
  })

  it('carries correlation and causation on', async () => {
    await createCommandHandler({ store: fake.store, clock })({
      stream: 'counter-1',
      decider: counter,
      command: { type: 'CountTo', to: 1 },
      envelope: { ...ENVELOPE, correlationId: 'whole', causationId: 'cause' },
      facts: () => ({ limit: 10 }),
    })
    expect(fake.log[0]?.metadata).toMatchObject({ correlationId: 'whole', causationId: 'cause' })
  })

  it('answers a repeated command id with what came of it then, whatever happened since', async () => {
    const first = await handle(3)
    await handle(7, OTHER)
    const again = await handle(3)
    expect(again).toMatchObject({
      ok: true,
      repeated: true,
      state: { count: 3 },
      position: 1n,
      revision: 0n,
    })
    expect(again.ok && first.ok && again.events.map((event) => event.id)).toEqual(
      first.ok && first.events.map((event) => event.id),
    )
    expect(fake.log).toHaveLength(2)
  })

  it('adds nothing when the goal is reached', async () => {
    await handle(3)
    expect(await handle(2, OTHER)).toMatchObject({
      ok: true,
      events: [],
      position: 1n,
      revision: 0n,
      repeated: false,
    })
  })

  it('answers with the start of the log when there is nothing at all', async () => {
    expect(await handle(0)).toMatchObject({ ok: true, position: 0n, revision: undefined })
  })

  it('passes a refusal on and writes nothing', async () => {
    expect(await handle(11)).toMatchObject({ ok: false, refusal: { code: 'counter.limit' } })
    expect(fake.log).toEqual([])
  })

  it('decides again, with the facts of the new state, after somebody else was first', async () => {
    let rivals = 2
    const seen: number[] = []
    const store = fake.storeWith(async (stream, expected, events) => {
      if (rivals > 0) {
        rivals -= 1
        await handle(fake.log.length + 1, `rival-${rivals}`)
      }
      return fake.append(stream, expected, events)
    })
    const outcome = await createCommandHandler({ store, clock })({
      stream: 'counter-1',
      decider: counter,
      command: { type: 'CountTo', to: 5 },
      envelope: ENVELOPE,
      facts: (state) => {
        seen.push(state.count)
        return { limit: 10 }
      },
    })
    expect(outcome).toMatchObject({ ok: true, state: { count: 5 }, revision: 2n })
    expect(seen).toEqual([0, 1, 2])
  })

  it('recognises its own append whose answer got lost behind a conflict', async () => {
    const store = fake.storeWith(async (stream, expected, events) => {
      await fake.append(stream, expected, events)
      throw new RevisionConflict(stream, expected, 0n)
    })
    expect(await handleIn(store, 4)).toMatchObject({ ok: true, repeated: true, revision: 0n })
    expect(fake.log).toHaveLength(1)
  })

  it('gives up after so many conflicts and says so', async () => {
    let appends = 0
    const store = fake.storeWith(async (stream, expected) => {
      appends += 1
      throw new RevisionConflict(stream, expected, 5n)
    })
    await expect(handleIn(store, 4)).rejects.toThrow(TooManyConflicts)
    expect(appends).toBe(MAX_ATTEMPTS)
  })

  it('lets an error of the store through', async () => {
    const store = fake.storeWith(async () => {
      throw new Error('disk full')
    })
    await expect(handleIn(store, 4)).rejects.toThrow('disk full')
  })
})
