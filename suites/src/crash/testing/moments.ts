/** What can be seen of the engine from outside: an answer to a command, a call of a target, a mail. */
export type Sight = 'answer' | 'call' | 'mail'

/** Counts what is seen. Moments are drawn on this scale, not on the clock's. */
export interface Moments {
  readonly seen: (sight: Sight) => void
  /** How many so far. */
  readonly count: () => number
  /**
   * Calls `act` in the very moment in which `more` more have been seen (of anything, or of one sort), before the one
   * who caused the last one gets an answer; or when `rest` resolves, after which no more would come. @throws what
   * `rest` does, when that is first
   */
  after(more: number, of: Sight | 'anything', act: () => void, rest: Promise<void>): Promise<void>
}

interface Waiting {
  more: number
  readonly of: Sight | 'anything'
  readonly fire: () => void
}

export const createMoments = (): Moments => {
  let count = 0
  const waiting = new Set<Waiting>()
  return {
    seen: (sight) => {
      count += 1
      for (const each of waiting) {
        if (each.of !== 'anything' && each.of !== sight) continue
        each.more -= 1
        if (each.more > 0) continue
        waiting.delete(each)
        each.fire()
      }
    },
    count: () => count,
    after: (more, of, act, rest) =>
      new Promise((resolve, reject) => {
        const fire = (): void => {
          act()
          resolve()
        }
        const each = { more, of, fire }
        waiting.add(each)
        rest.then(() => {
          if (waiting.delete(each)) fire()
        }, reject)
      }),
  }
}
