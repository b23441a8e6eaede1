import { actorKey, eventId } from '@portcullis/core'
import type { PromiseEvidence } from './evidence.ts'
import { type Findings, placeOf } from './findings.ts'
import type { LogEvent } from './logEvent.ts'
import type { LogIndex } from './logIndex.ts'

/** Promise 1: a log that can be read again, whole and in order; and views that come back equal from it. */
export const checkLog = (
  { events, probes, probed }: PromiseEvidence,
  { streams }: LogIndex,
  findings: Findings,
): void => {
  const seen = new Map<string, LogEvent>()
  let previous: LogEvent | undefined
  for (const event of events) {
    findings.looked()
    if (previous !== undefined && event.position <= previous.position)
      findings.broke(
        `${placeOf(event)} of ${event.stream} comes after position ${previous.position} in the log; positions must grow`,
      )
    previous = event
    const twin = seen.get(event.id)
    if (twin === undefined) seen.set(event.id, event)
    else
      findings.broke(
        `event id ${event.id} is in the log twice: ${placeOf(twin)} of ${twin.stream} and ${placeOf(event)} of ${event.stream}`,
      )
  }
  for (const [stream, history] of streams) {
    let expected = 0n
    for (const event of history) {
      if (event.revision !== expected)
        findings.broke(
          `stream ${stream} has revision ${event.revision} (${placeOf(event)}) where ${expected} must be`,
        )
      expected = event.revision + 1n
    }
  }
  findings.looked(probed?.viewsEqual ?? 0)
  for (const sentence of probes.viewsEqual) findings.broke(sentence)
}

/**
 * Promise 6: what a command caused in a stream stands there once, together, under the ids that follow from the
 * command's.
 */
export const checkCommands = (
  { probes, probed }: PromiseEvidence,
  { streams }: LogIndex,
  findings: Findings,
): void => {
  for (const [stream, history] of streams) {
    const done = new Set<string>()
    let current: string | undefined
    let asked: string | undefined
    let index = 0
    for (const event of history) {
      const { commandId, digest, actor } = event.metadata
      if (commandId !== current) {
        findings.looked()
        if (done.has(commandId))
          findings.broke(
            `command ${commandId} did something in ${stream} a second time: ${placeOf(event)}`,
          )
        done.add(commandId)
        current = commandId
        asked = `${actorKey(actor)} ${digest}`
        index = 0
      }
      if (asked !== `${actorKey(actor)} ${digest}`)
        findings.broke(
          `command ${commandId} stands for two senders or two contents in ${stream}: ${placeOf(event)}`,
        )
      if (event.id !== eventId(commandId, stream, index, event.metadata))
        findings.broke(
          `${placeOf(event)} of ${stream} has the id ${event.id}, which isn't that of event ${index} of command ${commandId}`,
        )
      index += 1
    }
  }
  findings.looked(probed?.repeats ?? 0)
  for (const sentence of probes.repeats) findings.broke(sentence)
}
