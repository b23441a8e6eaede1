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
})
