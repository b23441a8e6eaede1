import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { runCommand } from './runCommand.ts'
import { NO_TESTS, seconds } from './runLevels.ts'
import type { TestSummary } from './runTests.ts'

/** Where the unit tests of a package leave what they counted, from its folder. */
export const UNIT_SUMMARY = '.turbo/unit.json'

const schema = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.array(z.object({ test: z.string(), reason: z.string() })),
})

/**
 * Runs the unit tests, a package at a time, those alone whose sources (or what they are built on) have changed since
 * they last passed.
 * @returns what all packages counted; one failure more where a package couldn't count
 */
export const runUnitTests = async (root: string): Promise<TestSummary> => {
  const started = Date.now()
  for (const file of filesIn(root)) rmSync(join(root, file))
  const { code } = await runCommand(
    [
      'turbo',
      'run',
      'test:unit',
      '--continue',
      '--concurrency=2',
      '--output-logs=new-only',
      '--log-order=grouped',
    ],
    { cwd: root, output: 'show', env: { TURBO_TELEMETRY_DISABLED: '1' } },
  )
  const all = filesIn(root)
    .map((file) => schema.parse(JSON.parse(readFileSync(join(root, file), 'utf8'))))
    .reduce(sum, NO_TESTS)
  const summary = code !== 0 && all.failed === 0 ? { ...all, failed: 1 } : all
  console.log(`${summary.failed === 0 ? '✓' : '✗'} unit · ${seconds(started)} s`)
  return summary
}

const filesIn = (root: string): readonly string[] =>
  globSync([`{packages,services}/*/${UNIT_SUMMARY}`, `tooling/${UNIT_SUMMARY}`], { cwd: root })

/** What two runs counted, together. */
export const sum = (one: TestSummary, other: TestSummary): TestSummary => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: [...one.skipped, ...other.skipped],
})
