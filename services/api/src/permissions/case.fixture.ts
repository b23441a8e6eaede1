import type { OperationId } from '@portcullis/api-contract'
import type { Call, World } from './world.fixture.ts'

// What the rows of the permission matrix's test are made of (S3).

/** One row: an operation, or one way to call it, and what each actor is answered. */
export interface Case {
  readonly operation: OperationId
  /** What is special about this way to call it. */
  readonly of?: string
  /**
   * A letter for each of ACTORS, in their order: `A` allowed, or shown the target; `.` not, in the way that `no` says;
   * `0` there is nothing (404); `o` refused because it is their own request; `f` refused before that, for want of any
   * role; `D` disabled, sent away.
   */
  readonly cells: string
  /** `<code>: <part of the sentence>` of a refusal, `404`, or `unseen`: answered without the target. */
  readonly no: string
  /** The call, on a fresh target; asked for again whenever it was allowed. */
  readonly call: (world: World) => Promise<Call> | Call
}

export const OWNERS = 'needs Catalog owner of Own, or User administrator;'
export const MANAGERS =
  'needs Access package manager of Own, or Catalog owner of Own, or User administrator;'

export const own = { catalogId: 'own' }
export const inOwn =
  (call: Call = {}) =>
  () => ({ params: own, ...call })
export const onPackage =
  (call: (packageId: string) => Call = () => ({})) =>
  async ({ fresh }: World): Promise<Call> => {
    const packageId = await fresh.package()
    const { params, ...more } = call(packageId)
    return { params: { packageId, ...params }, ...more }
  }
export const onRequest =
  (call: Call = {}) =>
  async ({ fresh }: World): Promise<Call> => ({
    params: { requestId: await fresh.request() },
    ...call,
  })
export const onAssignment =
  (call: Call = {}) =>
  async ({ fresh }: World): Promise<Call> => ({
    params: { assignmentId: await fresh.assignment() },
    ...call,
  })

/** A request or an assignment that isn't there, of a package that is. */
export const onNothing =
  (param: 'requestId' | 'assignmentId', ending: string) =>
  async ({ fresh }: World): Promise<Call> => ({
    params: { [param]: `${await fresh.package()}.subject.${ending}` },
  })
