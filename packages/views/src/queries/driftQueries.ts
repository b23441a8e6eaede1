import type { GrantView } from '../rows.ts'
import { GRANT, type ViewsSql } from './database.ts'

/** What a scan of a target compares with. */
export interface DriftQueries {
  /** Grants of one resource role in order of the subject's id, after the subject `after`; empty behind the last one. */
  grantsOfRole(
    role: { readonly resourceId: string; readonly roleId: string },
    after: string | null,
    limit: number,
  ): Promise<readonly GrantView[]>
  /**
   * By which account of the target these people have the role, and whose these accounts are: of both, what the grants
   * have kept.
   */
  accountsOfRole(
    role: { readonly resourceId: string; readonly roleId: string },
    asked: { readonly accountIds: readonly string[]; readonly subjectIds: readonly string[] },
  ): Promise<readonly { readonly subjectId: string; readonly accountId: string }[]>
}

export const driftQueries = (db: ViewsSql): DriftQueries => ({
  // A grant's id begins with its resource and role, and `/` comes right after the dot: so this is a range of the key.
  grantsOfRole: ({ resourceId, roleId }, after, limit) =>
    db
      .selectFrom('grants')
      .select(GRANT)
      .where('id', '>', `${resourceId}.${roleId}.${after ?? ''}`)
      .where('id', '<', `${resourceId}.${roleId}/`)
      .orderBy('id')
      .limit(limit)
      .execute(),
  accountsOfRole: async ({ resourceId, roleId }, { accountIds, subjectIds }) => {
    const rows = await db
      .selectFrom('grants')
      .select(['subject_id as subjectId', 'account_id as accountId'])
      .where('resource_id', '=', resourceId)
      .where('role_id', '=', roleId)
      .where('account_id', 'is not', null)
      .where((either) =>
        either.or([
          either('account_id', '=', either.fn.any(either.val([...accountIds]))),
          either(
            'id',
            '=',
            either.fn.any(either.val(subjectIds.map((id) => `${resourceId}.${roleId}.${id}`))),
          ),
        ]),
      )
      .execute()
    return rows.flatMap(({ subjectId, accountId }) =>
      accountId === null ? [] : [{ subjectId, accountId }],
    )
  },
})
