import { type EventStore, isRevisionConflict, type Position } from '@portcullis/core'
import type { Projections } from '@portcullis/views'

/**
 * Events of roll-outs that the views may be behind before the next job waits for them: what people see of their own
 * requests is no older than it takes to show so many.
 */
const MOST_BEHIND = 250
/** Then they go on: slow views must not stop them for good. */
const PATIENCE_MILLIS = 5_000
/** The views that a roll-out writes into. */
const VIEWS = ['entitlements', 'grants']

/** What writes for roll-outs. */
type Writing = Pick<EventStore, 'readStreams' | 'appendAll'>

export interface BackPressure {
  /** Counts what is appended through it. */
  counting(store: Writing): Writing
  /** Waits until the views show all but the last {@link MOST_BEHIND} of the events that were counted. */
  giveWay(): Promise<void>
}

/**
 * A roll-out appends no faster than the views follow, so that ordinary requests are shown in time. Events are counted
 * as they are appended: what lies between two positions says nothing of how many they are, for a store may count its
 * bytes. Each process counts its own.
 */
export const createBackPressure = (
  projections: Pick<Projections, 'waitForView'>,
  mostBehind: number = MOST_BEHIND,
): BackPressure => {
  /** Appends that the views were not yet seen to show. */
  let unseen: readonly { readonly position: Position; readonly events: number }[] = []
  return {
    counting: (store) => ({
      readStreams: (asks) => store.readStreams(asks),
      appendAll: async (appends, options) => {
        const outcomes = await store.appendAll(appends, options)
        let events = 0
        let position = 0n
        for (const [index, outcome] of outcomes.entries()) {
          if (isRevisionConflict(outcome) || outcome.repeated) continue
          events += appends[index]?.events.length ?? 0
          if (outcome.position > position) position = outcome.position
        }
        // In the order of the log, no matter who hears of theirs first.
        if (events > 0)
          unseen = [...unseen, { position, events }].toSorted((a, b) =>
            a.position < b.position ? -1 : 1,
          )
        return outcomes
      },
    }),
    giveWay: async () => {
      let behind = 0
      const last = unseen.findLast(({ events }) => {
        behind += events
        return behind > mostBehind
      })
      if (last === undefined) return
      for (const view of VIEWS)
        if (!(await projections.waitForView(view, last.position, PATIENCE_MILLIS))) return
      unseen = unseen.filter(({ position }) => position > last.position)
    },
  }
}
