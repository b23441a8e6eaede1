import { ConnectorError } from './connector.ts'

/** A failure of one of many as its answer; anything that isn't a ConnectorError is thrown. */
export const orItsError = async <T>(call: Promise<T>): Promise<T | ConnectorError> => {
  try {
    return await call
  } catch (error) {
    if (error instanceof ConnectorError) return error
    throw error
  }
}

/**
 * The answers for many, unless they all are one failure that isn't about any single one.
 * @param concernsAll tells such a failure from one of a single access
 * @throws ConnectorError that failure
 */
export const unlessAllFailed = <T>(
  answers: readonly (T | ConnectorError)[],
  concernsAll: (error: ConnectorError) => boolean,
): readonly (T | ConnectorError)[] => {
  const [first] = answers
  if (!(first instanceof ConnectorError) || !concernsAll(first)) return answers
  const same = answers.every((a) => a instanceof ConnectorError && a.code === first.code)
  if (same) throw first
  return answers
}

/** @throws RangeError for more than a connector takes at once: the caller's mistake */
export const checkMost = (many: readonly unknown[], most: number): void => {
  if (many.length > most) throw new RangeError(`${many.length} at once; at most ${most}`)
}

/** Works on all, so many side by side; results are in the order of the items. */
export const inTurns = async <Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += width)
    results.push(...(await Promise.all(items.slice(start, start + width).map(work))))
  return results
}
