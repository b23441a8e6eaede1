import { deriveId, eventId, type Instant, type RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'

/** A log that specs write by hand: positions and revisions count up, each `add` is one command. */
export interface EventLog {
  readonly events: readonly RecordedEvent<PortcullisEvent>[]
  add(stream: string, at: Instant, ...events: readonly PortcullisEvent[]): void
}

export const eventLog = (): EventLog => {
  const events: RecordedEvent<PortcullisEvent>[] = []
  const revisions = new Map<string, bigint>()
  return {
    events,
    add: (stream, at, ...added) => {
      const commandId = deriveId('spec', stream, events.length)
      for (const [index, event] of added.entries()) {
        const revision = revisions.get(stream) ?? 0n
        revisions.set(stream, revision + 1n)
        events.push({
          ...event,
          id: eventId(commandId, stream, index),
          stream,
          revision,
          position: BigInt(events.length + 1),
          metadata: {
            commandId,
            digest: deriveId('content', commandId),
            correlationId: commandId,
            actor: { kind: 'system', id: 'spec' },
            at,
          },
        })
      }
    },
  }
}
