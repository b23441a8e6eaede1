/** One of the things compared: does a fixed amount of work and says how fast. */
export interface Contender {
  readonly name: string
  readonly unit: string
  /** Does the work once; the answer is in `unit`. */
  run(): Promise<number>
}

export interface Result {
  readonly value: number
  readonly unit: string
  /** Against the contender that it is measured by. */
  readonly ratio?: number
}

/** Things a second: runs `work` and divides. */
export const perSecond = async (things: number, work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return (things * 1000) / (performance.now() - begun)
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  const lower = sorted[middle - 1] ?? upper
  return sorted.length % 2 === 0 ? (lower + upper) / 2 : upper
}

/** By contender, a value for each round. */
export type Measured = ReadonlyMap<string, readonly number[]>

/**
 * Runs all contenders once to warm up and then `rounds` times, taking turns in changing order: what disturbs the
 * machine disturbs all of them.
 * @returns what each measured, round by round
 */
export const takeTurns = async (
  contenders: readonly Contender[],
  rounds: number,
): Promise<Measured> => {
  const measured = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(turn + round + 1) % contenders.length]
      if (contender === undefined) continue
      const value = await contender.run()
      if (round >= 0) measured.get(contender.name)?.push(value)
    }
  }
  return measured
}

/** What a contender is measured against, and the share that is aimed at. */
export interface Comparison {
  readonly of: string
  readonly against: string
  readonly aim?: number
}

/**
 * Median of the rounds' ratios: both of a pair ran close together, so that a slow minute of the machine weighs on both.
 */
const ratioOf = (values: readonly number[], base: readonly number[]): number =>
  Number(median(values.map((value, round) => value / (base[round] ?? Number.NaN))).toFixed(3))

/** Prints a table for people and, as the last line, everything as one line of JSON. */
export const report = (
  bench: string,
  contenders: readonly Contender[],
  measured: Measured,
  comparisons: readonly Comparison[],
): void => {
  const results: Record<string, Result> = {}
  const width = Math.max(...contenders.map(({ name }) => name.length))
  for (const { name, unit } of contenders) {
    const values = measured.get(name) ?? []
    const value = median(values)
    const comparison = comparisons.find(({ of }) => of === name)
    const base = comparison === undefined ? undefined : measured.get(comparison.against)
    const ratio = base === undefined ? undefined : ratioOf(values, base)
    results[name] = { value: Math.round(value), unit, ...(ratio === undefined ? {} : { ratio }) }
    const aim =
      comparison?.aim === undefined || ratio === undefined
        ? ''
        : ` (aim ${comparison.aim}: ${ratio >= comparison.aim ? 'met' : 'MISSED'})`
    const share = ratio === undefined ? '' : `${ratio} × ${comparison?.against}${aim}`
    const figure = Math.round(value).toLocaleString('en').padStart(10)
    process.stdout.write(`${name.padEnd(width)} ${figure} ${unit}  ${share}\n`)
  }
  process.stdout.write(`${JSON.stringify({ bench, results })}\n`)
}
