/** Choices that follow from one number: the same number, the same choices. */
export interface Dice {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  /** True in so many of a hundred cases. */
  chance(percent: number): boolean
  pick<Item>(items: readonly [Item, ...Item[]]): Item
  /** One of the items, each as often as its weight says. */
  weighted<Item>(items: readonly [readonly [number, Item], ...(readonly [number, Item])[]]): Item
}

/**
 * For properties whose script is a list of numbers, one for each step: a step then means the same wherever it stands,
 * so that a counterexample shrinks by leaving steps out. (Mulberry32; quick to draw from, which nested arbitraries
 * aren't.)
 */
export const dice = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    int,
    chance: (percent) => next() * 100 < percent,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    weighted: (items) => {
      const total = items.reduce((sum, [weight]) => sum + weight, 0)
      let left = next() * total
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return items[0][1]
    },
  }
}
