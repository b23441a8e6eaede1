export interface BatchConcurrentOptions {
  /** Groups on their way at the same time; 2 when absent. */
  readonly abreast?: number
  /** Most asks in a group; 100 when absent. */
  readonly most?: number
}

interface Waiting<Ask, Answer> {
  readonly ask: Ask
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets the asks of concurrent callers go together, in one round trip: while groups are on their way, the next one
 * gathers. A lone ask goes at once, on its own.
 * An ask is answered by a group that is sent after it came, so that everybody reads their own writes.
 * @param answer gives as many answers as there are asks, in their order; an error fails the whole group
 */
export const batchConcurrent = <Ask, Answer>(
  answer: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
  { abreast = 2, most = 100 }: BatchConcurrentOptions = {},
): ((ask: Ask) => Promise<Answer>) => {
  const waiting: Waiting<Ask, Answer>[] = []
  let underWay = 0
  // Whether several callers were at it lately.
  let crowded = false

  const answerGroup = async (group: readonly Waiting<Ask, Answer>[]): Promise<void> => {
    try {
      const answers = await answer(group.map(({ ask }) => ask))
      if (answers.length !== group.length)
        throw new Error(`${group.length} asks got ${answers.length} answers`)
      for (const [index, one] of answers.entries()) group[index]?.resolve(one)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  const run = async (): Promise<void> => {
    underWay += 1
    while (waiting.length > 0) {
      // Those that the last group woke get to ask first, so that all go together.
      if (crowded) await new Promise(setImmediate)
      const group = waiting.splice(0, most)
      crowded = group.length > 1
      if (group.length > 0) await answerGroup(group)
    }
    underWay -= 1
  }

  return (ask) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ ask, resolve, reject })
    if (underWay < abreast) void run()
    return promise
  }
}
