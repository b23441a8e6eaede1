import { randomBytes } from 'node:crypto'
import {
  type Actor,
  accept,
  type CommandEnvelope,
  type CommandOutcome,
  createCommandHandler,
  type Decider,
  type DomainEvent,
  deriveId,
  digestOf,
  type EventStore,
  refuse,
  storedCommandId,
} from '@portcullis/core'
import { contractEventSchemas } from '@portcullis/core/contracts'
import { propertyRuns, propertyTimeout } from '@portcullis/core/testing'
import { testDatabase } from '@portcullis/postgres/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCodec } from './codec.ts'
import { createEventStoreDbEventStore } from './eventstoredb/eventStoreDbEventStore.ts'
import { createMemoryEventStore, createMemoryLog } from './memory/memoryEventStore.ts'
import { createPostgresEventStore } from './postgres/postgresEventStore.ts'
import { startEventStoreDouble } from './testing/eventStoreDouble/eventStoreDouble.ts'

const codec = createCodec(contractEventSchemas)
const SENDERS: readonly Actor[] = [
  { kind: 'user', id: 'alice' },
  { kind: 'user', id: 'timer' },
  { kind: 'service', id: 'alice' },
  { kind: 'system', id: 'timer' },
  { kind: 'system', id: 'alice' },
]
const MOST = 4
/** What the engine calls a command by says all of what it asks for. */
const engineKey = (to: number): string => deriveId('deadline', to)
const OWN = ['0e4a2c50-58f2-4a3c-9a5e-5d2f7c6f4b01', '7f9d3a1e-4c1b-4b8e-8b43-6a3d1d9e2c02']
/** What people send: keys of their own, the engine's, and ids that commands are stored under. */
const KEYS = [
  ...OWN,
  ...Array.from({ length: MOST + 1 }, (_, to) => engineKey(to)),
  ...SENDERS.flatMap((sender) => [engineKey(1), ...OWN].map((key) => storedCommandId(sender, key))),
]

type Added = DomainEvent<'Counted.v1', { readonly n: number }>
interface Add {
  readonly type: 'Add'
  readonly n: number
}
interface State {
  readonly sum: number
}

/** Adds; nothing to do for 0; too much is refused. */
const adder: Decider<State, Add, Added> = {
  initialState: () => ({ sum: 0 }),
  evolve: ({ sum }, { data }) => ({ sum: sum + data.n }),
  decide: ({ n }) => {
    if (n === MOST) return refuse('not-allowed', 'adder.too-much', 'too much')
    return n === 0 ? accept<Added>() : accept<Added>({ type: 'Counted.v1', data: { n } })
  },
}

interface Sent {
  readonly stream: number
  readonly sender: Actor
  readonly key: string
  readonly n: number
}

const sent: fc.Arbitrary<Sent> = fc
  .record({
    stream: fc.integer({ min: 0, max: 1 }),
    sender: fc.constantFrom(...SENDERS),
    key: fc.constantFrom(...KEYS),
    n: fc.integer({ min: 0, max: MOST }),
  })
  .map((one) => (one.sender.kind === 'system' ? { ...one, key: engineKey(one.n) } : one))

const envelopeOf = ({ sender, key, n }: Sent): CommandEnvelope =>
  sender.kind === 'system'
    ? { commandId: key, actor: sender }
    : { commandId: key, actor: sender, digest: digestOf({ type: 'Add', n }) }

/** What is answered, but for whether it was before: the same for the same command. */
const said = (outcome: CommandOutcome<State, Added>): string =>
  outcome.ok
    ? `${outcome.state.sum} at ${outcome.position}, ${outcome.revision}: ${outcome.events.map(({ id }) => id)}`
    : outcome.refusal.code

const SUBJECTS: readonly (readonly [
  string,
  () => Promise<{ open(): Promise<EventStore>; stop(): Promise<unknown> }>,
])[] = [
  [
    'memory',
    async () => {
      const log = createMemoryLog()
      return { open: async () => createMemoryEventStore({ codec, log }), stop: async () => {} }
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const database = await testDatabase()
      return {
        open: () => createPostgresEventStore({ url: database.url, codec }),
        stop: () => database.close(),
      }
    },
  ],
  [
    'EventStoreDB (double)',
    async () => {
      const double = await startEventStoreDouble()
      const streamPrefix = `ids_${randomBytes(4).toString('hex')}_`
      return {
        open: () => createEventStoreDbEventStore({ url: double.url, codec, streamPrefix }),
        stop: () => double.close(),
      }
    },
  ],
]

describe.each(SUBJECTS)('commands over %s', (name, start) => {
  let stores: readonly EventStore[]
  let stop: () => Promise<unknown>
  let runs = 0
  let millis = 0
  beforeAll(async () => {
    const subject = await start()
    stores = await Promise.all([subject.open(), subject.open()])
    stop = subject.stop
  })
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await stop()
  })

  const clock = { now: () => new Date(Date.UTC(2026, 5, 1) + millis).toISOString() }
  /** Two processes take turns. */
  const handle = (one: Sent, process: number): Promise<CommandOutcome<State, Added>> => {
    const store = stores[process % stores.length]
    if (store === undefined) throw new Error('no store')
    millis += 1
    return createCommandHandler({ store, clock })({
      stream: `${runs}-${one.stream}`,
      decider: adder,
      command: { type: 'Add', n: one.n },
      envelope: envelopeOf(one),
      facts: () => undefined,
    })
  }
  const eventsOf = async (stream: number) =>
    (await stores[0]?.readStream(`${runs}-${stream}`)) ?? []
  const numRuns =
    name === 'memory' ? propertyRuns().numRuns : Math.ceil(propertyRuns().numRuns / 20)

  it(
    'are repeats of the same sender’s same command alone; other content is refused; nothing is swallowed',
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(sent, { maxLength: 20 }), async (story) => {
          runs += 1
          const done = new Map<string, { readonly n: number; readonly said: string }>()
          const sums = [0, 0]
          for (const [turn, one] of story.entries()) {
            const { sender, key, n, stream } = one
            const identity = JSON.stringify([stream, sender, key])
            const before = done.get(identity)
            const outcome = await handle(one, turn)
            if (before !== undefined) {
              expect(said(outcome)).toBe(before.n === n ? before.said : 'command.key-reused')
              expect(outcome).toMatchObject(before.n === n ? { repeated: true } : { ok: false })
            } else if (n === MOST) {
              expect(said(outcome)).toBe('adder.too-much')
            } else {
              const sum = (sums[stream] ?? 0) + n
              expect(outcome).toMatchObject({ ok: true, repeated: false, state: { sum } })
              sums[stream] = sum
              if (n > 0) done.set(identity, { n, said: said(outcome) })
            }
          }
          for (const stream of [0, 1]) {
            const events = await eventsOf(stream)
            const own = [...done.keys()].filter((each) => each.startsWith(`[${stream},`))
            expect(events).toHaveLength(own.length)
            expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
            // No key that anybody sent is what a command is stored under.
            for (const { metadata } of events)
              expect(storedCommandId(metadata.actor, metadata.correlationId)).toBe(
                metadata.commandId,
              )
          }
        }),
        { ...propertyRuns(), numRuns },
      ),
    propertyTimeout(),
  )

  it(
    'at the same moment, from two processes, are one command or are told apart',
    () =>
      fc.assert(
        fc.asyncProperty(sent, sent, fc.boolean(), async (one, rival, alike) => {
          runs += 1
          const other = alike
            ? {
                ...one,
                n: rival.n,
                key: one.sender.kind === 'system' ? engineKey(rival.n) : one.key,
              }
            : { ...rival, stream: one.stream }
          const outcomes = await Promise.all([handle(one, 0), handle(other, 1)])
          const [first, second] = outcomes.map(said)
          const events = await eventsOf(one.stream)
          const left = [one, other].filter(({ n }) => n > 0 && n < MOST)
          const same =
            JSON.stringify([one.sender, one.key]) === JSON.stringify([other.sender, other.key])
          if (left.length < 2 || !same) expect(events).toHaveLength(left.length)
          else {
            expect(events).toHaveLength(1)
            if (one.n === other.n) expect(second).toBe(first)
            else
              expect([first, second].filter((each) => each === 'command.key-reused')).toHaveLength(
                1,
              )
          }
        }),
        { ...propertyRuns(), numRuns },
      ),
    propertyTimeout(),
  )
})
