// npm test: every check, then every test, then one line with the count. Ends with 1 when anything failed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checks } from './checks.ts'
import { runCommand } from './runCommand.ts'
import { SUMMARY_FILE, type TestSummary } from './summaryReporter.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const levels = ['unit', 'int', 'e2e']
const names = [...checks.map((check) => check.name), ...levels]

const usage = `npm test -- [--only <step>[,<step>…]] [<part of a test file's path>…]
Steps: ${names.join(', ')}. Without --only: all of them.`

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true
  })
}

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
    if (interrupted) return 130
    const started = Date.now()
    const problem = await check.run(root).catch((error: unknown) => String(error))
    console.log(`${problem === '' ? '✓' : '✗'} ${check.title} · ${seconds(started)} s`)
    if (problem !== '') {
      console.log(problem.trimEnd().replace(/^/gm, '    '))
      failedChecks.push(check.name)
    }
  }
  const tests = await runTests(
    levels.filter((level) => only.includes(level)),
    positionals,
  )
  if (interrupted) return 130
  for (const { test, reason } of tests.skipped) console.log(`skipped: ${test} (${reason})`)
  if (failedChecks.length > 0) console.log(`failed checks: ${failedChecks.join(', ')}`)
  const passed = tests.passed + chosen.length - failedChecks.length
  const failed = tests.failed + failedChecks.length
  console.log(`${passed} passed, ${failed} failed, ${tests.skipped.length} skipped`)
  return failed === 0 ? 0 : 1
}

const runTests = async (
  projects: readonly string[],
  filters: readonly string[],
): Promise<TestSummary> => {
  if (projects.length === 0 || interrupted) return { passed: 0, failed: 0, skipped: [] }
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
  const file = join(folder, 'summary.json')
  const started = Date.now()
  try {
    const reporter = join(root, 'tooling/src/summaryReporter.ts')
    const result = await runCommand(
      [
        'vitest',
        'run',
        ...projects.flatMap((project) => ['--project', project]),
        '--reporter=default',
        `--reporter=${reporter}`,
        ...filters,
      ],
      {
        cwd: root,
        output: 'show',
        env: { [SUMMARY_FILE]: file, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
      },
    )
    const summary: TestSummary = JSON.parse(readFileSync(file, 'utf8'))
    console.log(`${result.code === 0 ? '✓' : '✗'} ${projects.join(', ')} · ${seconds(started)} s`)
    const unexplained = result.code !== 0 && summary.failed === 0
    return unexplained ? { ...summary, failed: 1 } : summary
  } catch (error) {
    console.log(`✗ vitest ended without a summary: ${String(error)}`)
    return { passed: 0, failed: 1, skipped: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const seconds = (started: number): string => ((Date.now() - started) / 1000).toFixed(1)

process.exitCode = await main()
