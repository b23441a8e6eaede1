import type { TestSummary } from './runTests.ts'

export const NO_TESTS: TestSummary = { passed: 0, failed: 0, skipped: [] }

/** As a shell reports a process that SIGINT ended. */
export const INTERRUPTED = 130

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
export const stopSignal = (): AbortSignal => {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(INTERRUPTED)
      stop.abort()
    })
  }
  return stop.signal
}

/**
 * Runs tests and shows how far they are.
 * @param title what the line at their end calls them
 * @param projects names of the projects of vitest.config.ts
 * @param filters parts of test files' paths; all files when empty
 * @returns what to count; one failure where they can't be run at all
 */
export const runLevels = async (
  root: string,
  title: string,
  projects: readonly string[],
  filters: readonly string[],
  signal: AbortSignal,
): Promise<TestSummary> => {
  const started = Date.now()
  try {
    // Colours only where somebody sees them. Vitest looks for it when it is loaded, so it is loaded here.
    if (!process.stdout.isTTY) process.env.NO_COLOR = '1'
    const { runTests } = await import('./runTests.ts')
    const summary = await runTests(root, projects, filters, signal)
    const mark = summary.failed === 0 ? '✓' : '✗'
    console.log(`${mark} ${title} · ${seconds(started)} s`)
    return summary
  } catch (error) {
    console.log(`✗ ${title}: ${error instanceof Error ? error.message : error}`)
    return { ...NO_TESTS, failed: 1 }
  }
}

export const seconds = (started: number): string => ((Date.now() - started) / 1000).toFixed(1)

/** The last lines: what was skipped and why, then the count. @returns the exit code */
export const conclude = ({ passed, failed, skipped }: TestSummary): number => {
  for (const { test, reason } of skipped) console.log(`skipped: ${test} (${reason})`)
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
  return failed === 0 ? 0 : 1
}
