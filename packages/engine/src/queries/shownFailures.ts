import type { RecordedEvent } from '@portcullis/core'
import { type EntitlementEvent, plainFailure } from '@portcullis/domain'
import type { RequestFilters, RequestView } from '@portcullis/views'

interface Failure {
  readonly message: string
  readonly transient: boolean
}

/**
 * Failures as the caller may read them: what a target said, with its hosts and paths, is for those who manage the
 * package; for all others it is a plain sentence.
 * Every list, file, detail and history goes through here.
 * @param whole they manage the package
 */
export const shownFailure = <F extends Failure>(failure: F, whole: boolean): F =>
  whole ? failure : { ...failure, message: plainFailure(failure.transient) }

/** The same for an event of a history. */
export const shownEvent = <E extends RecordedEvent<EntitlementEvent>>(
  event: E,
  whole: boolean,
): E =>
  whole || event.type !== 'DeliveryFailed.v1'
    ? event
    : {
        ...event,
        data: { ...event.data, roles: event.data.roles.map((role) => shownFailure(role, false)) },
      }

type WithErrors = Pick<RequestView, 'packageId' | 'fulfilmentErrors'>

/** The same for a request. */
export const shownRequest = <R extends WithErrors>(request: R, whole: boolean): R =>
  whole
    ? request
    : {
        ...request,
        fulfilmentErrors: request.fulfilmentErrors.map((error) => shownFailure(error, false)),
      }

/** The same for the requests of a list, which may be of packages that the caller manages and of others. */
export const shownRequests = <R extends WithErrors>(
  requests: readonly R[],
  { within, waitingFor }: Pick<RequestFilters, 'within' | 'waitingFor'>,
): readonly R[] =>
  requests.map((request) =>
    shownRequest(
      request,
      // What waits for a decision is shown for that, no matter who else the approver is.
      waitingFor === undefined &&
        (within === undefined || within.packageIds.includes(request.packageId)),
    ),
  )
