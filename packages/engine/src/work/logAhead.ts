import { type Clock, type EventStore, type Instant, toMillis } from '@portcullis/core'
import type { ProblemFindings } from '@portcullis/views'
import type { Log } from '../log.ts'

/** Clocks of machines differ. */
const TOLERANCE = 60_000

export interface LogAhead {
  /** Of the log's newest event. */
  readonly at: Instant
  readonly seconds: number
}

/**
 * How far the log's newest event lies in the future; undefined when it doesn't. It shows that some clock was ahead when
 * it was written, or that ours is behind.
 */
export const logAhead = async ({
  store,
  clock,
}: {
  readonly store: Pick<EventStore, 'newest'>
  readonly clock: Clock
}): Promise<LogAhead | undefined> => {
  const at = (await store.newest())?.metadata.at
  if (at === undefined) return undefined
  const millis = toMillis(at) - toMillis(clock.now())
  return millis > TOLERANCE ? { at, seconds: Math.round(millis / 1000) } : undefined
}

const wordsOf = ({ at, seconds }: LogAhead): string =>
  `the log's newest event is of ${at}, ${seconds} s in the future: a clock was ahead when it was written, or this one is behind. What was decided then keeps its times (ends, deadlines); compare the clocks of all machines (NTP)`

/** Says at a start when the log's newest event lies in the future. */
export const tellLogAhead = async (
  parts: Parameters<typeof logAhead>[0],
  log: Pick<Log, 'warn'>,
): Promise<void> => {
  const ahead = await logAhead(parts)
  if (ahead !== undefined) log.warn({ ...ahead }, wordsOf(ahead))
}

/** Lists it as an open problem, for as long as it is so. */
export const findLogAhead = async (
  parts: Parameters<typeof logAhead>[0],
  problemFindings: ProblemFindings,
): Promise<void> => {
  const ahead = await logAhead(parts)
  await problemFindings.replace(
    'schedule-ahead',
    ahead === undefined
      ? []
      : [
          {
            key: 'log',
            since: parts.clock.now(),
            code: 'clock.log-ahead',
            message: wordsOf(ahead),
          },
        ],
  )
}
