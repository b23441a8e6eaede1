import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { redisMissing, startRedis } from '@portcullis/jobs/testing'
import { measureRollOut, type RollOutFigures } from './fanout/rollOut.ts'

/**
 * A role added to a package with many assignments, on an instant target: how fast everybody has it, against a bare
 * append of the same events in the same run, how much memory the worker takes, and how long ordinary requests take
 * meanwhile. Two packages of people: the first role of everybody is there before.
 */
const SIZES = (process.env.BENCH_ASSIGNMENTS ?? '10000,100000,300000').split(',').map(Number)
const REDIS_SIZE = Number(process.env.BENCH_REDIS_ASSIGNMENTS ?? 100_000)

/** Aims of the issue. */
const LEAST_PER_SECOND = 5_000
const LEAST_SHARE = 0.35
const MOST_MEMORY = 300
const MOST_WAIT = 1_000

interface Run {
  readonly name: string
  readonly assignments: number
  readonly redis: boolean
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN

const measure = async ({ assignments, redis }: Run): Promise<RollOutFigures> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
  // A server run by root works under another account, which has to get in.
  await chmod(folder, 0o755)
  const server = redis ? await startRedis() : undefined
  try {
    return await measureRollOut(folder, assignments, server?.url)
  } finally {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const missing = redisMissing()
if (missing !== undefined) process.stdout.write(`Redis is left out: ${missing}\n`)
const runs: readonly Run[] = [
  ...SIZES.map((assignments) => ({
    name: `PostgreSQL, ${assignments / 1000}k`,
    assignments,
    redis: false,
  })),
  ...(missing === undefined && REDIS_SIZE > 0
    ? [{ name: `Redis, ${REDIS_SIZE / 1000}k`, assignments: REDIS_SIZE, redis: true }]
    : []),
]
const results: Record<string, { value: number; unit: string; ratio?: number }> = {}
for (const run of runs) {
  const { grantsPerSecond, bareGrantsPerSecond, peakMemory, waits, cpu } = await measure(run)
  const share = grantsPerSecond / bareGrantsPerSecond
  const p99 = percentile(waits, 0.99)
  const met = (is: boolean): string => (is ? 'met' : 'MISSED')
  process.stdout.write(
    `${run.name}: ${Math.round(grantsPerSecond)} grants/s (aim ${LEAST_PER_SECOND}: ${met(grantsPerSecond >= LEAST_PER_SECOND)}), ` +
      `${share.toFixed(3)} × bare append of ${Math.round(bareGrantsPerSecond)} (aim ${LEAST_SHARE}: ${met(share >= LEAST_SHARE)}); ` +
      `worker ${Math.round(peakMemory)} MB (aim ${MOST_MEMORY}: ${met(peakMemory < MOST_MEMORY)}); ` +
      `${waits.length} ordinary requests: median ${Math.round(percentile(waits, 0.5))} ms, p99 ${Math.round(p99)} ms (aim ${MOST_WAIT}: ${met(p99 < MOST_WAIT)})\n`,
  )
  const parts = [...cpu].toSorted(([, a], [, b]) => b - a).filter(([, micros]) => micros >= 1)
  const used = parts.reduce((sum, [, micros]) => sum + micros, 0)
  const left = (availableParallelism() * 1e6) / (bareGrantsPerSecond * LEAST_SHARE)
  process.stdout.write(
    `  CPU for a grant, µs: ${Math.round(used)} in all (${Math.round(left)} would make ${LEAST_SHARE} × the bare append on this machine's ${availableParallelism()} cores): ` +
      `${parts.map(([name, micros]) => `${name} ${Math.round(micros)}`).join(', ')}\n`,
  )
  results[run.name] = {
    value: Math.round(grantsPerSecond),
    unit: 'grants/s',
    ratio: Number(share.toFixed(3)),
  }
  results[`${run.name}, memory`] = { value: Math.round(peakMemory), unit: 'MB' }
  results[`${run.name}, p99 of a request`] = { value: Math.round(p99), unit: 'ms' }
}
process.stdout.write(`${JSON.stringify({ bench: 'fanout', results })}\n`)
