import type { EventStore, RecordedEvent } from '@portcullis/core'
import { type GrantEvent, grantId, grantStream } from '@portcullis/domain'
import type { FulfilmentError, RequestView } from '@portcullis/views'
import { traceDelivery } from './delivery.ts'

/** An error as it is now, with what only details show. */
export interface CurrentError extends FulfilmentError {
  /** When it is tried again automatically; null: not before an administrator reprocesses it. */
  readonly nextTryAt: string | null
}

/**
 * The errors of each request as they are now, for lists, files and details alike. The view hears only of failures that
 * are news; the grants' own streams count every try.
 * Reads nothing for requests without errors.
 */
export const currentErrors = async (
  store: EventStore,
  requests: readonly Pick<RequestView, 'subjectId' | 'assignmentId' | 'fulfilmentErrors'>[],
): Promise<readonly (readonly CurrentError[])[]> => {
  const asked = requests.flatMap(({ fulfilmentErrors, ...request }) =>
    fulfilmentErrors.map((error) => ({ ...request, error })),
  )
  if (asked.length === 0) return requests.map(() => [])
  const streams = asked.map(({ subjectId, error }) => ({
    stream: grantStream(grantId(error.resourceId, error.roleId, subjectId)),
  }))
  // The codec decodes every stream by its own schemas.
  const histories = (await store.readStreams(
    streams,
  )) as readonly (readonly RecordedEvent<GrantEvent>[])[]
  const all = asked.map(({ error, assignmentId }, index): CurrentError => {
    const { failure } = traceDelivery(histories[index] ?? [], assignmentId ?? '')
    return { ...error, nextTryAt: null, ...failure }
  })
  let from = 0
  return requests.map(({ fulfilmentErrors }) => {
    from += fulfilmentErrors.length
    return all.slice(from - fulfilmentErrors.length, from)
  })
}

/** The same in the requests of a list, which don't show the next try. */
export const withCurrentErrors = async (
  store: EventStore,
  requests: readonly RequestView[],
): Promise<readonly RequestView[]> => {
  const errors = await currentErrors(store, requests)
  return requests.map((request, index) => ({
    ...request,
    fulfilmentErrors: (errors[index] ?? []).map(({ nextTryAt: _, ...error }) => error),
  }))
}
