import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balanceLeases } from './balanceLeases.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const all = new Map(NAMES.map((name) => [name, 1]))
const nobody = new Map(NAMES.map((name) => [name, undefined]))
const runners = (...ids: string[]) => new Map(ids.map((id) => [id, all]))
const counts = (share: ReadonlyMap<string, string>) => {
  const found: { [id: string]: number } = {}
  for (const id of share.values()) found[id] = (found[id] ?? 0) + 1
  return found
}

describe('balanceLeases', () => {
  it('gives the only runner everything', () => {
    expect(counts(balanceLeases(runners('x'), nobody))).toEqual({ x: 7 })
  })

  it('spreads over all runners', () => {
    expect(counts(balanceLeases(runners('x', 'y', 'z'), nobody))).toEqual({ x: 3, y: 2, z: 2 })
  })

  it('moves only what a new runner needs', () => {
    const before = balanceLeases(runners('x'), nobody)
    const after = balanceLeases(runners('x', 'y'), before)
    expect(counts(after)).toEqual({ x: 4, y: 3 })
    const moved = [...after].filter(([name, id]) => before.get(name) !== id)
    expect(moved).toHaveLength(3)
  })

  it('moves nothing when what it would make equal is less than what moves', () => {
    const weights = new Map([
      ['heavy', 5],
      ['light', 1],
    ])
    const owners = new Map([
      ['heavy', 'x'],
      ['light', 'y'],
    ])
    const both = new Map(['x', 'y'].map((id) => [id, weights]))
    expect(balanceLeases(both, owners)).toEqual(owners)
  })

  it('leaves to a runner what it alone offers, however much it has', () => {
    const old = new Map([...all, ['only-old', 1]])
    const mixed = new Map([
      ['new', new Map([['a', 1]])],
      ['old', old],
    ])
    const share = balanceLeases(mixed, new Map([...nobody, ['only-old', undefined]]))
    expect(share.get('only-old')).toBe('old')
    expect(share.get('a')).toBe('new')
    expect(share.size).toBe(8)
  })

  const ids = fc.constantFrom('x', 'y', 'z', 'dead')
  const owners = fc
    .array(fc.option(ids, { nil: undefined }), { minLength: 7, maxLength: 7 })
    .map((held) => new Map(NAMES.map((name, index) => [name, held[index]])))
  const offers = fc.dictionary(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 5 }))
  const mixed = fc
    .uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 })
    .chain((alive) => fc.tuple(...alive.map((id) => fc.tuple(fc.constant(id), offers))))
    .map((list) => new Map(list.map(([id, offer]) => [id, new Map(Object.entries(offer))])))

  it('gives every subscription to one that is alive and offers it, and then stays so', () => {
    fc.assert(
      fc.property(mixed, owners, (alive, held) => {
        const share = balanceLeases(alive, held)
        for (const name of NAMES) {
          const offering = [...alive].filter(([, offer]) => offer.has(name)).map(([id]) => id)
          if (offering.length === 0) expect(share.has(name)).toBe(false)
          else expect(offering).toContain(share.get(name))
        }
        expect(balanceLeases(alive, new Map(NAMES.map((name) => [name, share.get(name)])))).toEqual(
          share,
        )
      }),
    )
  })

  it('leaves nobody two more than another, where all offer the same', () => {
    const alive = fc
      .uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 })
      .map((list) => runners(...list))
    fc.assert(
      fc.property(alive, owners, (living, held) => {
        const loads = [...living.keys()].map((id) => counts(balanceLeases(living, held))[id] ?? 0)
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
      }),
    )
  })
})
