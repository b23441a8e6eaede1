/**
 * Runs `work` for each item, a few at a time; when some fail, the others still run, and the first error is thrown at
 * the end.
 */
export const forEachSideBySide = async <Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const waiting = items.values()
  const errors: unknown[] = []
  const lane = async (): Promise<void> => {
    // The lanes share one iterator: each takes the next item when it is free.
    for (const item of waiting) {
      try {
        await work(item)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  if (errors.length > 0) throw errors[0]
}
