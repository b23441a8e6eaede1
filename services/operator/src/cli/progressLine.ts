import type { Output } from './output.ts'

const ERASED = '\r\u001b[2K'
/** Between two lines, milliseconds: on a terminal one that changes, else a new one. */
const LIVE_EVERY = 250
const LINE_EVERY = 10_000

const number = (count: number): string => count.toLocaleString('en-US')

/** `90 s`, `12 min`, `3 h`. */
export const inWords = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

/**
 * `copying: 37,500 of 300,000 (12 %), 262,500 left, 4,800 a second, about 55 s to go`.
 * @param perSecond in this run, since the work began
 */
export const progressLine = (
  what: string,
  done: number,
  total: number,
  perSecond: number,
): string => {
  const left = Math.max(0, total - done)
  const share = total === 0 ? 100 : Math.floor((100 * done) / total)
  return [
    `${what}: ${number(done)} of ${number(total)} (${share} %)`,
    `${number(left)} left`,
    ...(perSecond > 0 ? [`${number(Math.round(perSecond))} a second`] : []),
    ...(perSecond > 0 && left > 0 ? [`about ${inWords(Math.ceil(left / perSecond))} to go`] : []),
  ].join(', ')
}

export interface ProgressLines {
  tell(what: string, done: number, total: number): void
  /** Leaves the last line as it is. */
  end(): void
}

/** Shows how far long work has got, on standard error; nothing with --json. */
export const progressLines = (
  output: Output,
  now: () => number = () => performance.now(),
): ProgressLines => {
  const isLive = process.stderr.isTTY && !output.json
  let phase: { readonly what: string; readonly begun: number; readonly from: number } | undefined
  let shown = Number.NEGATIVE_INFINITY
  let open = false
  const end = (): void => {
    if (open) process.stderr.write('\n')
    open = false
  }
  return {
    tell: (what, done, total) => {
      if (phase?.what !== what) {
        end()
        phase = { what, begun: now(), from: done }
        shown = Number.NEGATIVE_INFINITY
      }
      if (now() - shown < (isLive ? LIVE_EVERY : LINE_EVERY) && done < total) return
      shown = now()
      const seconds = (now() - phase.begun) / 1000
      const line = progressLine(what, done, total, seconds > 0 ? (done - phase.from) / seconds : 0)
      if (!isLive) return output.note(line)
      process.stderr.write(`${ERASED}${line.slice(0, process.stderr.columns - 1)}`)
      open = true
    },
    end,
  }
}
