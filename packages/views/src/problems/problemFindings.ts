import type { Instant } from '@portcullis/core'
import { inTransaction, LOCK_SPACE } from '@portcullis/postgres'
import type pg from 'pg'
import type { FindingKind } from '../rows.ts'

/** One thing that a check found and that isn't as it should be. */
export interface ProblemFinding {
  /**
   * What it is about, the same as long as it is the same problem: an assignment's id, a request's. Unique within its
   * kind.
   */
  readonly key: string
  /** Its age counts from here. A problem that is known already keeps the `since` that it was first found with. */
  readonly since: Instant
  /**
   * Anybody who manages this package, or one of the assignments' or requests', sees it; without any of them, only those
   * who see everything.
   */
  readonly packageId?: string | undefined
  readonly subjectId?: string | undefined
  readonly resourceId?: string | undefined
  readonly roleId?: string | undefined
  readonly assignmentIds?: readonly string[] | undefined
  readonly requestIds?: readonly string[] | undefined
  /** For programs: `overdue.end`. */
  readonly code: string
  /** For people: what is wrong, and the way out. Names nothing but what anybody who sees the problem may know. */
  readonly message: string
}

/** What checks found: each kind belongs to one check, which says each time all that there is. */
export interface ProblemFindings {
  /**
   * Makes `findings` all that there is of this kind: those known already keep their `since` and their place in the
   * list, others come or go.
   * Of two checks at once, the one that is written last is right.
   */
  replace(kind: FindingKind, findings: readonly ProblemFinding[]): Promise<void>
}

export const createProblemFindings = (pool: pg.Pool): ProblemFindings => ({
  replace: (kind, findings) =>
    inTransaction(pool, async (tx) => {
      // One after the other: else each would leave what it alone found.
      await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [
        LOCK_SPACE.problemFindings,
        kind,
      ])
      const rows = JSON.stringify([...new Map(findings.map((each) => [each.key, each])).values()])
      await tx.query(
        `delete from portcullis_problems.findings where kind = $1
          and key not in (select key from jsonb_to_recordset($2::jsonb) as found(key text))`,
        [kind, rows],
      )
      await tx.query(
        `insert into portcullis_problems.findings as known
            (kind, key, since, package_id, subject_id, resource_id, role_id, assignment_ids, request_ids, code, message)
          select $1, key, since, "packageId", "subjectId", "resourceId", "roleId",
            coalesce("assignmentIds", '[]'), coalesce("requestIds", '[]'), code, message
          from jsonb_to_recordset($2::jsonb) as found(key text, since text, "packageId" text, "subjectId" text, "resourceId" text,
            "roleId" text, "assignmentIds" jsonb, "requestIds" jsonb, code text, message text)
          on conflict (kind, key) do update set package_id = excluded.package_id, subject_id = excluded.subject_id,
            resource_id = excluded.resource_id, role_id = excluded.role_id, assignment_ids = excluded.assignment_ids,
            request_ids = excluded.request_ids, code = excluded.code, message = excluded.message`,
        [kind, rows],
      )
    }),
})
