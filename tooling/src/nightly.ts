// npm run test:nightly: the property tests, far more often than in npm test. Ends with 1 when a property has a
// counterexample.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nightlyOptions, usage } from './nightlyOptions.ts'
import { runCommand } from './runCommand.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const FILES = '.property.unit.spec.ts'

/** Runs so many of each property in one process. @returns what it printed, where one failed; empty when all held */
const round = async (
  runs: number,
  seed: number,
  { path, only }: { readonly path: string | undefined; readonly only: string | undefined },
): Promise<string> => {
  const filter = only === undefined ? [] : ['--testNamePattern', only]
  const result = await runCommand(['vitest', 'run', '--project', 'unit', ...filter, FILES], {
    cwd: root,
    output: 'keep',
    env: {
      PORTCULLIS_PROPERTY_RUNS: String(runs),
      PORTCULLIS_PROPERTY_SEED: String(seed),
      PORTCULLIS_PROPERTY_PATH: path ?? '',
      NO_COLOR: '1',
    },
  })
  return result.code === 0 ? '' : result.output
}

/** The long tests that npm test runs with smaller numbers: `extent` of core/testing. */
const SHORTENED = ['flakyServer', 'crash/crash.e2e', 's27Replay']

/** @returns whether all of them passed */
const fullNumbers = async (): Promise<boolean> => {
  const env = { PORTCULLIS_TEST_EXTENT: 'full' }
  const run = async (program: string, ...words: readonly string[]): Promise<boolean> =>
    (
      await runCommand([process.execPath, `tooling/src/${program}.ts`, ...words], {
        cwd: root,
        output: 'show',
        env,
      })
    ).code === 0
  const long = await run('test', '--only', 'int,e2e', ...SHORTENED)
  return (await run('scaled')) && long
}

const main = async (): Promise<number> => {
  const options = nightlyOptions(process.argv.slice(2), Date.now())
  if (typeof options === 'string') {
    console.error(`${options}\n${usage}`)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  const { runs, chunk, minutes, seed, processes } = options
  const held = options.properties || (await fullNumbers())
  const started = Date.now()
  const elapsed = () => (Date.now() - started) / 1000
  console.log(`seed ${seed}, ${runs} runs of each property, ${chunk} in a round`)
  let next = 0
  let done = 0
  let failed = false
  let late = false
  const lane = async (): Promise<void> => {
    while (!failed && !late && next < runs) {
      const size = Math.min(chunk, runs - next)
      // Each round has a seed of its own, so that a round alone can be repeated.
      const roundSeed = seed + next
      next += size
      const output = await round(size, roundSeed, options)
      done += size
      if (output !== '') {
        failed = true
        console.log(output.trimEnd())
        console.log(
          `Replay: npm run test:nightly -- --seed ${roundSeed} --path <path> --only '<name of the property>', with the path that is printed above`,
        )
      }
      console.log(`${done} of ${runs} runs · ${elapsed().toFixed(0)} s`)
      late = minutes !== undefined && elapsed() > minutes * 60
    }
  }
  await Promise.all(Array.from({ length: processes }, lane))
  const end = failed
    ? 'a counterexample'
    : late && done < runs
      ? 'out of time'
      : 'no counterexample'
  console.log(`${end}: ${done} runs of each property in ${elapsed().toFixed(0)} s, seed ${seed}`)
  return failed || !held ? 1 : 0
}

process.exit(await main())
