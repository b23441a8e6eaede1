// npm run test:scaled: the end-to-end tests in the sizes that npm test leaves out. Ends with 1 when anything failed.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { conclude, INTERRUPTED, NO_TESTS, runLevels, stopSignal } from './runLevels.ts'
import type { TestSummary } from './runTests.ts'
import { type ScaledSize, scaledOptions, scaledUsage } from './scaledOptions.ts'
import { sum } from './unitTests.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * Rows of the acceptance table for which a second process matters: two that decide, hand out jobs or fire at the same
 * time. What one process can show, the embedded size shows, and all of it the cluster.
 */
const SERVER_FILES = [
  's05AddResourceRole',
  's06RemoveResourceRole',
  's11OneDecision',
  's21FulfilmentErrors',
  's26Commands',
  's27Replay',
  's28ScheduledJobs',
  'commandIdentity',
].map((name) => `suites/src/acceptance/${name}`)
/**
 * What the size of an installation makes no difference to (help, connectors, the packed client), or what needs a size
 * of its own (crashes, faults), is in npm test alone.
 */
const ALL_FILES = ['suites/src/acceptance/', 'services/api/']
/** What goes away among many processes. */
const CLUSTER_FILES = [...ALL_FILES, 'suites/src/crash/scaledFaults']

const filesOf = (size: ScaledSize): readonly string[] => {
  if (size === 'cluster') return CLUSTER_FILES
  // As `extent` of core/testing: the nightly run leaves nothing out.
  return process.env.PORTCULLIS_TEST_EXTENT === 'full' ? ALL_FILES : SERVER_FILES
}

const main = async (): Promise<number> => {
  const options = scaledOptions(process.argv.slice(2))
  if (typeof options === 'string') {
    console.error(`${options}\n${scaledUsage}`)
    return 2
  }
  if (options.help) {
    console.log(scaledUsage)
    return 0
  }
  const signal = stopSignal()
  let total = NO_TESTS
  for (const size of options.sizes) {
    const missing = size === 'cluster' ? redisMissing() : undefined
    total = sum(
      total,
      missing === undefined ? await testsOf(size, options.filters, signal) : missing,
    )
    if (signal.aborted) return INTERRUPTED
  }
  return conclude(total)
}

const testsOf = async (
  size: ScaledSize,
  filters: readonly string[],
  signal: AbortSignal,
): Promise<TestSummary> => {
  // The specs and their set-up read it: packages/runtime/src/testing.
  process.env.PORTCULLIS_TEST_SIZE = size
  console.log(`Size: ${size}`)
  const { passed, failed, skipped } = await runLevels(
    root,
    `e2e, ${size}`,
    ['e2e'],
    filters.length > 0 ? filters : filesOf(size),
    signal,
  )
  // Nothing was proven by a part of a path that no file has.
  const found = passed + failed + skipped.length > 0
  return {
    passed,
    failed: found ? failed : 1,
    skipped: skipped.map(({ test, reason }) => ({ test: `${size}: ${test}`, reason })),
  }
}

const redisMissing = (): TestSummary | undefined =>
  spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : {
        ...NO_TESTS,
        skipped: [
          {
            test: 'the size cluster',
            reason: 'redis-server is not on PATH (Debian: apt-get install redis-server)',
          },
        ],
      }

// Not by process.exitCode: a handle that a test tool left open must not keep this from ending.
process.exit(await main())
