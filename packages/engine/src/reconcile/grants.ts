import {
  type EventStore,
  type LoadedStream,
  loadedStream,
  type RecordedEvent,
} from '@portcullis/core'
import {
  type GrantEvent,
  type GrantState,
  grantDecider,
  grantStream,
  parseAssignmentId,
} from '@portcullis/domain'

export type LoadedGrant = LoadedStream<GrantState, GrantEvent>

/** Reads many grants, each once. @returns by grant id, in the order of the ids */
export const loadGrants = async (
  store: EventStore,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, LoadedGrant>> => {
  const each = [...new Set(ids)]
  const read = await store.readStreams(each.map((id) => ({ stream: grantStream(id) })))
  return new Map(
    each.map((id, index) => [
      id,
      // The codec decodes every stream by its own schemas, so that a stream's name tells the type of its events.
      loadedStream(grantDecider, (read[index] ?? []) as readonly RecordedEvent<GrantEvent>[]),
    ]),
  )
}

/** Entitlements that hold the grant or held it once: one whose package lost the role waits for its end as well. */
export const entitlementsOn = ({ events }: LoadedGrant): readonly string[] => {
  const entitlements = events.flatMap((event) =>
    event.type === 'HoldAdded.v1' || event.type === 'HoldReleased.v1'
      ? (parseAssignmentId(event.data.assignmentId)?.entitlementId ?? [])
      : [],
  )
  return [...new Set(entitlements)]
}
