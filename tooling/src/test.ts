// npm test: every check, then every test, then one line with the count. Ends with 1 when anything failed.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checks } from './checks.ts'
import type { TestSummary } from './runTests.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const levels = ['unit', 'int', 'e2e']
const names = [...checks.map((check) => check.name), ...levels]

const usage = `npm test -- [--only <step>[,<step>…]] [<part of a test file's path>…]
Steps: ${names.join(', ')}. Without --only: all of them.`

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED)
    stop.abort()
  })
}
const INTERRUPTED = 130

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
  const failedChecks: string[] = []
  const chosen = checks.filter((check) => only.includes(check.name))
  for (const check of chosen) {
    if (stop.signal.aborted) return INTERRUPTED
    const started = Date.now()
    const problem = await check.run(root).catch((error: unknown) => String(error))
    console.log(`${problem === '' ? '✓' : '✗'} ${check.title} · ${seconds(started)} s`)
    if (problem !== '') {
      console.log(problem.trimEnd().replace(/^/gm, '    '))
      failedChecks.push(check.name)
    }
  }
  const projects = levels.filter((level) => only.includes(level))
  const tests = projects.length === 0 ? NO_TESTS : await testsOf(projects, positionals)
  if (stop.signal.aborted) return INTERRUPTED
  for (const { test, reason } of tests.skipped) console.log(`skipped: ${test} (${reason})`)
  if (failedChecks.length > 0) console.log(`failed checks: ${failedChecks.join(', ')}`)
  const passed = tests.passed + chosen.length - failedChecks.length
  const failed = tests.failed + failedChecks.length
  console.log(`${passed} passed, ${failed} failed, ${tests.skipped.length} skipped`)
  return failed === 0 ? 0 : 1
}

const NO_TESTS: TestSummary = { passed: 0, failed: 0, skipped: [] }

const testsOf = async (
  projects: readonly string[],
  filters: readonly string[],
): Promise<TestSummary> => {
  const started = Date.now()
  try {
    // Colours only where somebody sees them. Vitest looks for it when it is loaded, so it is loaded here.
    if (!process.stdout.isTTY) process.env.NO_COLOR = '1'
    const { runTests } = await import('./runTests.ts')
    const summary = await runTests(root, projects, filters, stop.signal)
    const mark = summary.failed === 0 ? '✓' : '✗'
    console.log(`${mark} ${projects.join(', ')} · ${seconds(started)} s`)
    return summary
  } catch (error) {
    console.log(`✗ ${projects.join(', ')}: ${error instanceof Error ? error.message : error}`)
    return { ...NO_TESTS, failed: 1 }
  }
}

const seconds = (started: number): string => ((Date.now() - started) / 1000).toFixed(1)

// Not by process.exitCode: a handle that a test tool left open must not keep this from ending.
process.exit(await main())
