import { assignmentId, entitlementId, requestId } from '@portcullis/domain'
import type { AssignmentStatus, RequestStatus } from '@portcullis/views'
import { groupApprover, namedApprover, packages, subjects } from './organisation.ts'
import type { Random } from './random.ts'

/** Who sends a command: the upstream service, or a person. */
export const SERVICE = 'hr-system'

export interface Step {
  readonly as: string
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  /** Made once, when it is first sent: a repeat has the same body. */
  readonly body?: (now: Date) => object
}

/** One after the other, commands about one person and one package, and what must have come of them. */
export interface Story {
  readonly kind: string
  readonly packageId: string
  readonly subjectId: string
  readonly steps: readonly Step[]
  /**
   * Request id to the ends that are right. Several where it is a race: what is taken away before it was delivered is
   * Unfulfilled.
   */
  readonly requests: readonly (readonly [id: string, ends: readonly RequestStatus[]])[]
  /** Assignment id to its end. */
  readonly assignments: readonly (readonly [id: string, end: AssignmentStatus])[]
}

/** Far enough for a repeat after a restart to be in time still; near enough to be waited for. */
export const SOON_SECONDS = 25
const TEN_DAYS_SECONDS = 10 * 86_400

const from = (now: Date, seconds: number): string =>
  new Date(now.getTime() + seconds * 1000).toISOString()

const DELIVERED: readonly RequestStatus[] = ['Fulfilled']
const TAKEN_AWAY: readonly RequestStatus[] = ['Fulfilled', 'Unfulfilled']

type Outcome = Pick<Story, 'steps'> & {
  readonly requests: readonly (readonly RequestStatus[])[]
  readonly assignments: readonly AssignmentStatus[]
}

const tell = (packageId: string, subjectId: string) => {
  const id = entitlementId(packageId, subjectId)
  const request = (policy: 'open' | 'checked'): Step => ({
    as: SERVICE,
    method: 'POST',
    path: `/v1/access-packages/${packageId}/requests`,
    body: () => ({ policyId: `${packageId}-${policy}`, subjectId }),
  })
  const assign = (startSeconds: number | null, endSeconds: number): Step => ({
    as: SERVICE,
    method: 'POST',
    path: `/v1/access-packages/${packageId}/assignments`,
    body: (now) => ({
      subjectId,
      policyId: `${packageId}-open`,
      startAt: startSeconds === null ? null : from(now, startSeconds),
      endAt: from(now, endSeconds),
    }),
  })
  const onRequest = (number: number, what: string, as: string): Step => ({
    as,
    method: 'POST',
    path: `/v1/requests/${requestId(id, number)}/${what}`,
  })
  const onAssignment = (number: number, what: string, as: string): Step => ({
    as,
    method: 'POST',
    path: `/v1/assignments/${assignmentId(id, number)}/${what}`,
  })
  return { request, assign, onRequest, onAssignment }
}

type Telling = ReturnType<typeof tell>
type Kind = (telling: Telling, subjectId: string) => Outcome

const kinds: Readonly<Record<string, Kind>> = {
  kept: ({ request }) => ({
    steps: [request('open')],
    requests: [DELIVERED],
    assignments: ['Delivered'],
  }),
  approved: ({ request, onRequest }) => ({
    steps: [request('checked'), onRequest(1, 'approve', namedApprover)],
    requests: [DELIVERED],
    assignments: ['Delivered'],
  }),
  denied: ({ request, onRequest }) => ({
    steps: [request('checked'), onRequest(1, 'deny', groupApprover)],
    requests: [['Denied']],
    assignments: [],
  }),
  cancelled: ({ request, onRequest }, subjectId) => ({
    steps: [request('checked'), onRequest(1, 'cancel', subjectId)],
    requests: [['Cancelled']],
    assignments: [],
  }),
  removed: ({ request, onAssignment }, subjectId) => ({
    steps: [request('open'), onAssignment(1, 'remove', subjectId)],
    requests: [TAKEN_AWAY],
    assignments: ['Removed'],
  }),
  removedAndBack: ({ request, onRequest, onAssignment }) => ({
    steps: [
      request('open'),
      onAssignment(1, 'remove', SERVICE),
      request('checked'),
      onRequest(2, 'approve', groupApprover),
    ],
    requests: [TAKEN_AWAY, DELIVERED],
    assignments: ['Removed', 'Delivered'],
  }),
  deniedThenApproved: ({ request, onRequest }) => ({
    steps: [
      request('checked'),
      onRequest(1, 'deny', namedApprover),
      request('checked'),
      onRequest(2, 'approve', groupApprover),
    ],
    requests: [['Denied'], DELIVERED],
    assignments: ['Delivered'],
  }),
  expiring: ({ assign }) => ({
    steps: [assign(null, SOON_SECONDS)],
    requests: [TAKEN_AWAY],
    assignments: ['Expired'],
  }),
  scheduled: ({ assign }) => ({
    steps: [assign(SOON_SECONDS, TEN_DAYS_SECONDS)],
    requests: [DELIVERED],
    assignments: ['Delivered'],
  }),
  extended: ({ assign, onAssignment }, subjectId) => ({
    steps: [assign(null, TEN_DAYS_SECONDS), onAssignment(1, 'extend', subjectId)],
    requests: [DELIVERED, DELIVERED],
    assignments: ['Delivered'],
  }),
}

/** People who take part, where that is enough: few enough that most have several packages with roles in common. */
const CAST = 130

/** Draws stories, each of another person or another package, until they hold at least `requests` requests. */
export const drawStories = (random: Random, requests: number): readonly Story[] => {
  const names = Object.keys(kinds)
  // A request for each person and package leaves room, since many of the stories have two.
  const cast = subjects.slice(0, Math.max(CAST, Math.ceil(requests / packages.length)))
  if (cast.length * packages.length < requests)
    throw new Error(`at most ${subjects.length * packages.length} requests`)
  const taken = new Set<string>()
  const stories: Story[] = []
  for (let drawn = 0; drawn < requests; ) {
    const packageId = random.pick(packages).id
    const subjectId = random.pick(cast)
    const id = entitlementId(packageId, subjectId)
    if (taken.has(id)) continue
    taken.add(id)
    const kind = random.pick(names)
    const outcome = kinds[kind]?.(tell(packageId, subjectId), subjectId)
    if (outcome === undefined) throw new Error(`no story ${kind}`)
    drawn += outcome.requests.length
    stories.push({
      kind,
      packageId,
      subjectId,
      steps: outcome.steps,
      requests: outcome.requests.map((ends, index) => [requestId(id, index + 1), ends]),
      assignments: outcome.assignments.map((end, index) => [assignmentId(id, index + 1), end]),
    })
  }
  return stories
}
