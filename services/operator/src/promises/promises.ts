import { checkLive, type LiveCheckReport, promiseReport } from '@portcullis/promises'
import { configFrom, withRuntime } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { progressLines } from '../cli/progressLine.ts'

/**
 * Another check is at it, or this one was stopped: nothing is said of the promises. Part of the command line's
 * contract.
 */
export const NOT_CHECKED = 5

export interface CheckFlags {
  readonly data?: string
  readonly fromStart: boolean
}

/**
 * Checks the promises on the log, from where the last check came to. Exit code 1 when one is broken, {@link
 * NOT_CHECKED} when it can't be told.
 */
export const checkPromisesCommand = (flags: CheckFlags, output: Output): Promise<void> =>
  withRuntime(configFrom(flags), output, async (runtime) => {
    const stop = new AbortController()
    const end = (): void => stop.abort()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
    const lines = progressLines(output)
    const report = await checkLive(runtime, {
      fromStart: flags.fromStart,
      signal: stop.signal,
      onProgress: (phase, done, total) => lines.tell(PHASES[phase], done, total),
    }).finally(() => {
      lines.end()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end)
    })
    if (report === undefined)
      throw new CommandFailed('another check of the promises is under way', NOT_CHECKED)
    await output.print(textOf(report), report)
    const broken = report.results.filter(({ holds }) => !holds)
    if (broken.length > 0)
      throw new CommandFailed(
        `broken: ${broken.map(({ number }) => `promise ${number}`).join(', ')}`,
      )
    if (!report.finished)
      throw new CommandFailed('stopped before its end; the next one goes on from here', NOT_CHECKED)
  })

const PHASES = { reading: 'reading the log', judging: 'judging people and packages' } as const

const textOf = ({ results, position, events, groups }: LiveCheckReport): string =>
  `${promiseReport(results)}\n\nLooked at everything up to position ${position}: ${count.format(events)} events and ${count.format(groups)} people, packages and catalogs in this run.`

const count = new Intl.NumberFormat('en')
