import type { AwaitedFulfilmentView, Page } from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import type { ViewsSql } from './database.ts'

export interface FulfilmentQueries {
  /** What somebody is to carry out by hand now, by the age of the grants, the oldest first. */
  awaitedFulfilments(page: PageRequest): Promise<Page<AwaitedFulfilmentView>>
}

const AWAITED = [
  'grants.id as grantId',
  'grants.awaited_operation_id as operationId',
  'grants.operation',
  'grants.resource_id as resourceId',
  'grants.role_id as roleId',
  'grants.subject_id as subjectId',
  'grants.awaited_since as since',
  'grants.lease_until as until',
] as const

export const fulfilmentQueries = (db: ViewsSql): FulfilmentQueries => ({
  awaitedFulfilments: (page) =>
    pageOf('fulfilments', page, (after, limit) => {
      const query = db
        .selectFrom('grants')
        .select(AWAITED)
        .select('seq')
        .where('awaited_since', 'is not', null)
        .$narrowType<Awaited>()
        .orderBy('seq')
        .limit(limit)
      return (after === null ? query : query.where('seq', '>', after)).execute()
    }),
})

/** Set together with `awaited_since`. */
interface Awaited {
  readonly operationId: string
  readonly operation: 'grant' | 'revoke'
  readonly since: string
  readonly until: string
}
