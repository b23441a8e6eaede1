/**
 * Runs `work` for each item, `width` at a time, and gives the answers in the items' order.
 * After the first error nothing new is begun; it is thrown once what is under way has ended.
 */
export const sideBySide = async <Item, Answer>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  const errors: unknown[] = []
  const waiting = items.entries()
  const lane = async (): Promise<void> => {
    // The lanes share one iterator: each takes the next item when it is free.
    for (const [index, item] of waiting) {
      try {
        answers[index] = await work(item)
      } catch (error) {
        errors.push(error)
      }
      if (errors.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  if (errors.length > 0) throw errors[0]
  return answers
}
