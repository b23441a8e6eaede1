// npm test: every check, then every test, then one line with the count. Ends with 1 when anything failed.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checks } from './checks.ts'
import { conclude, INTERRUPTED, NO_TESTS, runLevels, seconds, stopSignal } from './runLevels.ts'
import type { TestSummary } from './runTests.ts'
import { createStepTimes } from './stepTimes.ts'
import { runUnitTests, sum } from './unitTests.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const levels = ['unit', 'int', 'e2e']
const names = [...checks.map((check) => check.name), ...levels]

const usage = `npm test -- [--only <step>[,<step>…]] [<part of a test file's path>…]
Steps: ${names.join(', ')}. Without --only: all of them.`

/**
 * Types, builds and unit tests go through turbo, which knows those of the same sources; only whole: parts of paths go
 * to vitest.
 */
const runLevel = (
  level: string,
  filters: readonly string[],
  signal: AbortSignal,
): Promise<TestSummary> =>
  level === 'unit' && filters.length === 0
    ? runUnitTests(root)
    : runLevels(root, level, [level], filters, signal)

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  const only = values.only?.flatMap((step) => step.split(',')) ?? names
  const unknown = only.find((step) => !names.includes(step))
  if (unknown !== undefined) {
    console.error(`--only ${unknown}: there is no such step.\n${usage}`)
    return 2
  }
  const signal = stopSignal()
  const steps = names.filter((name) => only.includes(name))
  const times = createStepTimes(root, positionals.length === 0 ? steps : [])
  const failedChecks: string[] = []
  let total = NO_TESTS
  for (const step of steps) {
    if (signal.aborted) return INTERRUPTED
    const started = Date.now()
    const check = checks.find(({ name }) => name === step)
    if (check === undefined) total = sum(total, await runLevel(step, positionals, signal))
    else {
      const problem = await check.run(root).catch((error: unknown) => String(error))
      console.log(`${problem === '' ? '✓' : '✗'} ${check.title} · ${seconds(started)} s`)
      if (problem !== '') {
        console.log(problem.trimEnd().replace(/^/gm, '    '))
        failedChecks.push(check.name)
      }
      total = sum(total, problem === '' ? { ...NO_TESTS, passed: 1 } : { ...NO_TESTS, failed: 1 })
    }
    if (signal.aborted) return INTERRUPTED
    const left = times.finished(step, Date.now() - started)
    if (left !== undefined) console.log(left)
  }
  if (failedChecks.length > 0) console.log(`failed checks: ${failedChecks.join(', ')}`)
  return conclude(total)
}

// Not by process.exitCode: a handle that a test tool left open must not keep this from ending.
process.exit(await main())
