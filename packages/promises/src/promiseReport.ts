import type { PromiseResult } from './evidence.ts'

const count = new Intl.NumberFormat('en')

const factsText = (checked: number): string => {
  if (checked === 0) return 'nothing to look at'
  return checked === 1 ? '1 fact' : `${count.format(checked)} facts`
}

/** The results as text: a line a promise, its violations under it. */
export const promiseReport = (results: readonly PromiseResult[]): string =>
  results
    .flatMap(({ number, promise, holds, checked, violations, broken }) => {
      const untold = violations - broken.length
      return [
        `${number} ${holds ? 'holds ' : 'BROKEN'} ${promise} (${factsText(checked)})`,
        ...broken.map((sentence) => `    - ${sentence}`),
        ...(untold > 0 ? [`    - and ${count.format(untold)} more`] : []),
      ]
    })
    .join('\n')
