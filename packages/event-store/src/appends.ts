import {
  type AppendResult,
  isRevisionConflict,
  type RevisionConflict,
  type StreamAppend,
} from '@portcullis/core'

const STREAM = /^[\x21-\x7e]{1,300}$/

/**
 * Refuses appends that not every store can keep apart or keep at all.
 * @throws TypeError naming the rule: a stream's name is 1 to 300 visible ASCII characters, no spaces; something to
 *   append; each stream once
 */
export const checkAppends = (appends: readonly StreamAppend[]): void => {
  for (const { stream, events } of appends) {
    if (!STREAM.test(stream))
      throw new TypeError(
        `stream name ${JSON.stringify(stream.slice(0, 80))} is not 1 to 300 visible ASCII characters without spaces`,
      )
    if (events.length === 0) throw new TypeError(`nothing to append to stream ${stream}`)
  }
  if (appends.length < 2) return
  const streams = new Set<string>()
  for (const { stream } of appends) {
    if (streams.has(stream)) throw new TypeError(`stream ${stream} is given twice`)
    streams.add(stream)
  }
}

/** The outcome of a single append. @throws RevisionConflict */
export const soleOutcome = ([outcome]: readonly (
  | AppendResult
  | RevisionConflict
)[]): AppendResult => {
  if (outcome === undefined) throw new Error('the store gave no outcome')
  if (isRevisionConflict(outcome)) throw outcome
  return outcome
}
