import pLimit from 'p-limit'

/** Lets so many run at once; the others wait in order. */
export interface Limit {
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Resolves once nothing runs or waits any more. */
  idle(): Promise<void>
}

export const createLimit = (most: number): Limit => {
  const limit = pLimit(most)
  const underWay = new Set<Promise<unknown>>()
  return {
    run: async (work) => {
      const done = limit(work)
      underWay.add(done)
      try {
        return await done
      } finally {
        underWay.delete(done)
      }
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}
