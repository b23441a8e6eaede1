import { START } from '@portcullis/core'
import type { StoredEvent } from '@portcullis/event-store'
import { lives } from './lives.ts'

const ABREAST = 200
const EVENTS_OF_A_LIFE = 12
const PAGE = 2_000

/** The log of an organisation as a store keeps it, in pages: exactly so many events, as they interleave. */
export function* storedLogOf(events: number): Generator<readonly StoredEvent[]> {
  let page: StoredEvent[] = []
  let made = 0
  for (const appends of lives(Math.ceil(events / EVENTS_OF_A_LIFE) + ABREAST, ABREAST))
    for (const { stream, revision, events: some } of appends)
      for (const [index, { id, type, data, metadata }] of some.entries()) {
        if (made === events) return
        made += 1
        const recordedAt = metadata.at.replace('Z', `${String(made % 1000).padStart(3, '0')}Z`)
        const plain = JSON.parse(JSON.stringify({ data, metadata }))
        page.push({
          stream,
          revision: BigInt(revision + index),
          position: START,
          id,
          type,
          ...plain,
          recordedAt,
        })
        if (page.length < PAGE && made < events) continue
        yield page
        page = []
      }
}
