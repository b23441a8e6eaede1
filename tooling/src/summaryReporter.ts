import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** What `npm test` says of a run at its end. */
export interface TestSummary {
  readonly passed: number
  /** Tests that failed, test files that could not be loaded, and errors outside of any test. */
  readonly failed: number
  readonly skipped: readonly { readonly test: string; readonly reason: string }[]
}

/** Environment variable with the file that the summary is written to, as JSON. */
export const SUMMARY_FILE = 'PORTCULLIS_TEST_SUMMARY'

export const summarise = (
  modules: Iterable<Pick<TestModule, 'relativeModuleId' | 'errors' | 'children'>>,
  unhandledErrors: number,
): TestSummary => {
  let passed = 0
  let failed = unhandledErrors
  const skipped: { test: string; reason: string }[] = []
  for (const module of modules) {
    failed += module.errors().length
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') passed += 1
      else if (result.state === 'skipped') {
        skipped.push({
          test: `${module.relativeModuleId} > ${test.fullName}`,
          reason: result.note ?? 'no reason given',
        })
      } else failed += 1
    }
    for (const suite of module.children.allSuites()) failed += suite.errors().length
  }
  return { passed, failed, skipped }
}

/** Leaves the summary of a vitest run where {@link SUMMARY_FILE} says. Loaded by vitest, hence the default export. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env[SUMMARY_FILE]
    if (file === undefined) throw new Error(`${SUMMARY_FILE} must name the file to write to`)
    writeFileSync(file, JSON.stringify(summarise(modules, unhandledErrors.length)))
  }
}
