import { createVitest, type TestModule } from 'vitest/node'

/** What `npm test` says of a run at its end. */
export interface TestSummary {
  readonly passed: number
  /** Tests that failed, test files that could not be loaded, and errors outside of any test. */
  readonly failed: number
  readonly skipped: readonly { readonly test: string; readonly reason: string }[]
}

/**
 * Runs the tests and shows how far they are. When the signal aborts, test processes end at once, and the servers that
 * the run started are stopped.
 * @param projects names of the projects of vitest.config.ts
 * @param filters parts of test files' paths; all files when empty
 */
export const runTests = async (
  root: string,
  projects: readonly string[],
  filters: readonly string[],
  signal: AbortSignal,
): Promise<TestSummary> => {
  const vitest = await keepingSignals(() =>
    createVitest({ root, watch: false, project: [...projects], reporters: ['default'] }),
  )
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= vitest.close()
    return closing
  }
  const abort = (): void => {
    void vitest.cancelCurrentRun('keyboard-input')
    void close()
  }
  signal.addEventListener('abort', abort)
  try {
    const { testModules, unhandledErrors } = await vitest.start([...filters])
    return summarise(testModules, unhandledErrors.length)
  } finally {
    signal.removeEventListener('abort', abort)
    await close()
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Vitest ends the process a millisecond after a signal, which would leave the run's servers behind; its listeners are
 * taken away again.
 */
const keepingSignals = async <Result>(create: () => Promise<Result>): Promise<Result> => {
  const before = SIGNALS.map((signal) => process.listeners(signal))
  const result = await create()
  for (const [index, signal] of SIGNALS.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.includes(listener) === false) process.off(signal, listener)
    }
  }
  return result
}

const summarise = (modules: readonly TestModule[], unhandledErrors: number): TestSummary => {
  let passed = 0
  let failed = unhandledErrors
  const skipped: { test: string; reason: string }[] = []
  for (const module of modules) {
    failed += module.errors().length
    for (const suite of module.children.allSuites()) failed += suite.errors().length
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
  }
  return { passed, failed, skipped }
}
