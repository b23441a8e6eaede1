// npm test: every check, then every test, then one line with the count. Ends with 1 when anything failed.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checks } from './checks.ts'
import { conclude, INTERRUPTED, NO_TESTS, runLevels, seconds, stopSignal } from './runLevels.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const levels = ['unit', 'int', 'e2e']
const names = [...checks.map((check) => check.name), ...levels]

const usage = `npm test -- [--only <step>[,<step>…]] [<part of a test file's path>…]
Steps: ${names.join(', ')}. Without --only: all of them.`

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
  const failedChecks: string[] = []
  const chosen = checks.filter((check) => only.includes(check.name))
  for (const check of chosen) {
    if (signal.aborted) return INTERRUPTED
    const started = Date.now()
    const problem = await check.run(root).catch((error: unknown) => String(error))
    console.log(`${problem === '' ? '✓' : '✗'} ${check.title} · ${seconds(started)} s`)
    if (problem !== '') {
      console.log(problem.trimEnd().replace(/^/gm, '    '))
      failedChecks.push(check.name)
    }
  }
  const projects = levels.filter((level) => only.includes(level))
  const tests =
    projects.length === 0
      ? NO_TESTS
      : await runLevels(root, projects.join(', '), projects, positionals, signal)
  if (signal.aborted) return INTERRUPTED
  if (failedChecks.length > 0) console.log(`failed checks: ${failedChecks.join(', ')}`)
  return conclude({
    passed: tests.passed + chosen.length - failedChecks.length,
    failed: tests.failed + failedChecks.length,
    skipped: tests.skipped,
  })
}

// Not by process.exitCode: a handle that a test tool left open must not keep this from ending.
process.exit(await main())
