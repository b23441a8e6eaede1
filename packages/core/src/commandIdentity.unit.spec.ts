import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, identityOf, sameCommand, storedCommandId } from './commandIdentity.ts'
import type { Actor, EventMetadata } from './events.ts'
import { deriveId, eventId } from './ids.ts'
import { propertyRuns } from './testing/propertyRuns.ts'

const alice = { kind: 'user', id: 'alice' } as const
const timer = { kind: 'system', id: 'timer' } as const
const KEY = '0e4a2c50-58f2-4a3c-9a5e-5d2f7c6f4b01'
const digest = digestOf({ type: 'Ask' })

const metadata = (more: Partial<EventMetadata>): EventMetadata => ({
  commandId: KEY,
  correlationId: KEY,
  actor: alice,
  at: '2026-05-01T08:00:00.000Z',
  ...more,
})

const arbitraryActor: fc.Arbitrary<Actor> = fc.record({
  kind: fc.constantFrom('user', 'service', 'system'),
  id: fc.oneof(fc.constantFrom('alice', 'service:alice', 'system:timer', 'timer'), fc.string()),
})
const arbitraryKey = fc.oneof(
  fc.constantFrom(KEY, deriveId('deadline', 'expiry:p.alice.a1:1'), storedCommandId(timer, KEY)),
  fc.uuid(),
  fc.string(),
)

describe('the identity of a command', () => {
  it('is another for every other actor, key or step', () => {
    const sender = fc.tuple(arbitraryActor, arbitraryKey, fc.array(fc.string(), { maxLength: 2 }))
    fc.assert(
      fc.property(sender, sender, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(storedCommandId(...one) === storedCommandId(...other)).toBe(same)
      }),
      propertyRuns(),
    )
  })

  it('is never the key itself, nor the same when the key is made of somebody’s stored id', () => {
    const theirs = storedCommandId(timer, KEY)
    expect(storedCommandId(alice, theirs)).not.toBe(theirs)
    expect(storedCommandId(alice, KEY)).not.toBe(KEY)
  })

  it('stays as it is: it is in every log', () => {
    expect(storedCommandId(alice, KEY)).toBe(deriveId('command', 'outside', 'user', 'alice', KEY))
    expect(storedCommandId(timer, KEY, ['x'])).toBe(
      deriveId('command', 'engine', 'system', 'timer', KEY, 'x'),
    )
  })
})

describe('a digest', () => {
  it('doesn’t depend on the order of properties, at any depth, nor on those without a value', () => {
    const one = { type: 'A', terms: { b: [1, { x: 1, y: null }], a: 'ü' }, note: null }
    const other = { terms: { a: 'ü', b: [1, { y: undefined, x: 1 }] }, type: 'A' }
    expect(digestOf(one)).toBe(digestOf(other))
  })

  it.each([
    ['another type', { type: 'B', list: ['a', 'b'], n: 1 }],
    ['another value', { type: 'A', list: ['a', 'b'], n: 2 }],
    ['a value that is text', { type: 'A', list: ['a', 'b'], n: '1' }],
    ['another order in a list', { type: 'A', list: ['b', 'a'], n: 1 }],
    ['one more in a list', { type: 'A', list: ['a', 'b', null], n: 1 }],
    ['one more property', { type: 'A', list: ['a', 'b'], n: 1, more: false }],
  ])('tells %s', (_, other) => {
    expect(digestOf(other)).not.toBe(digestOf({ type: 'A', list: ['a', 'b'], n: 1 }))
  })
})

describe('an event', () => {
  const envelope = { commandId: KEY, actor: alice, digest }
  const own = identityOf(envelope)

  it('is of the command of the same sender, key and content', () => {
    expect(sameCommand(own, metadata({ commandId: own.id, digest }))).toBe('same')
    expect(sameCommand(own, metadata({ commandId: own.id, digest: digestOf({}) }))).toBe('reused')
    expect(sameCommand(own, metadata({ commandId: storedCommandId(timer, KEY) }))).toBeUndefined()
  })

  it('of an old log is so by its raw key, only for who sent it', () => {
    expect(sameCommand(own, metadata({}))).toBe('same')
    expect(sameCommand(own, metadata({ actor: timer }))).toBeUndefined()
    expect(sameCommand(own, metadata({ actor: { kind: 'service', id: 'alice' } }))).toBeUndefined()
    // A new event whose derived id somebody sends as a key.
    expect(sameCommand(own, metadata({ digest }))).toBeUndefined()
  })

  it('of an old log doesn’t make an engine’s command a repeat when a person had sent its id', () => {
    const key = deriveId('deadline', 'expiry:p.alice.a1:1')
    const expiry = identityOf({ commandId: key, actor: timer })
    expect(sameCommand(expiry, metadata({ commandId: key }))).toBeUndefined()
    expect(sameCommand(expiry, metadata({ commandId: key, actor: timer }))).toBe('same')
  })

  it('of an old log is found by a step as well', () => {
    const step = identityOf({ ...envelope, step: ['assign', 'bob'] })
    expect(step.outerId).toBe(own.id)
    const before = metadata({ commandId: deriveId('follows', KEY, 'assign', 'bob') })
    expect(sameCommand(step, before)).toBe('same')
    expect(sameCommand(own, before)).toBeUndefined()
  })

  it('of one step is not of another, nor of what else the whole command’s key is used for', () => {
    const idOf = (name: string) => identityOf({ ...envelope, step: ['assign', name] })
    const alices = metadata({ commandId: idOf('alice').id, outerId: own.id, digest })
    expect(sameCommand(idOf('alice'), alices)).toBe('same')
    expect(sameCommand(idOf('bob'), alices)).toBeUndefined()
    const other = identityOf({ ...envelope, digest: digestOf({}) })
    expect(sameCommand(other, alices)).toBe('reused')
    const whole = metadata({ commandId: own.id, digest })
    const step = identityOf({ ...envelope, digest: digestOf({}), step: ['assign', 'bob'] })
    expect(sameCommand(step, whole)).toBe('reused')
  })

  it('has an id of its own for every content and every time that it was decided', () => {
    const at = '2026-05-01T08:00:00.000Z'
    const ids = [
      eventId(own.id, 's', 0),
      eventId(own.id, 's', 0, { digest, at }),
      eventId(own.id, 's', 0, { digest: digestOf({}), at }),
      eventId(own.id, 's', 0, { digest, at: '2026-05-01T08:00:00.001Z' }),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    // As it always was, for the engine's own and in logs from before.
    expect(eventId(own.id, 's', 0, { at })).toBe(deriveId('event', own.id, 's', 0))
  })
})
