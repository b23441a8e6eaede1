import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type { ProblemKind, ProblemState, ProblemView } from '../rows.ts'
import type { ViewsSql } from './database.ts'

// Where open problems come from. Each source names the same columns.

/** Whose access it is; what only findings have is null. */
const ACCESS = [
  sql<string | null>`grants.resource_id`.as('resource_id'),
  sql<string | null>`grants.role_id`.as('role_id'),
  sql<string | null>`grants.subject_id`.as('subject_id'),
  sql<ProblemKind>`'access'`.as('kind'),
  sql<string | null>`null::text`.as('package_id'),
  sql<readonly string[]>`'[]'::jsonb`.as('request_ids'),
  sql<ProblemView['detail']>`null::jsonb`.as('detail'),
] as const

/** Grants whose desired and actual state differ: that fail, or that nobody has seen to in time. */
export const openGrants = (db: ViewsSql, overdueBefore: Instant) =>
  db
    .selectFrom('grants')
    .select(['grants.id', 'grants.seq', ...ACCESS])
    .select([
      sql<ProblemView['operation']>`case when holder_ids = '[]' then 'revoke' else 'grant' end`.as(
        'operation',
      ),
      sql<ProblemState>`case
        when wait = 'operator' then 'awaiting-operator'
        when awaited_since is not null then 'awaiting-fulfilment'
        when grants.operation is not null and lease_until is not null then 'under-way'
        when failing_since is not null then 'failing'
        else 'waiting' end`.as('state'),
      // What is overdue is so since its end, whenever the first try failed.
      sql<Instant>`coalesce(ended_at, failing_since, open_since, updated_at)`.as('since'),
      sql<readonly string[]>`case when holder_ids = '[]' then released_ids else holder_ids end`.as(
        'assignment_ids',
      ),
      sql<number>`case when failing_since is null then 0 else failed_attempts end`.as('attempts'),
      sql<ProblemView['error']>`case when failing_since is not null then last_error end`.as(
        'error',
      ),
      // What is done by hand is given up then, and ordered again.
      sql<Instant | null>`case
        when awaited_since is not null then lease_until
        when failing_since is not null then retry_at end`.as('next_try_at'),
    ])
    .where('settled', '=', false)
    .where(({ or, eb }) =>
      or([
        eb('failing_since', 'is not', null),
        eb('ended_at', '<', overdueBefore),
        eb('open_since', '<', overdueBefore),
      ]),
    )

/** Access that is in place although every assignment that holds it has ended: nobody has let go of it yet. */
export const stillHeld = (db: ViewsSql, overdueBefore: Instant) =>
  db
    .selectFrom('assignments')
    .innerJoin('grant_holds', 'grant_holds.assignment_id', 'assignments.id')
    .innerJoin('grants', 'grants.id', 'grant_holds.grant_id')
    .select(['grants.id', 'grants.seq', ...ACCESS])
    .select([
      sql<ProblemView['operation']>`'revoke'`.as('operation'),
      sql<ProblemState>`'waiting'`.as('state'),
      sql<Instant>`max(least(assignments.ended_at, assignments.end_at))`.as('since'),
      sql<readonly string[]>`jsonb_agg(assignments.id order by assignments.id)`.as(
        'assignment_ids',
      ),
      sql<number>`0`.as('attempts'),
      sql<ProblemView['error']>`null::jsonb`.as('error'),
      sql<Instant | null>`null::text`.as('next_try_at'),
    ])
    .where('grant_holds.held', '=', true)
    .where('assignments.ended', '=', true)
    .where('assignments.settled', '=', false)
    .where('assignments.ended_at', '<', overdueBefore)
    .where('grants.settled', '=', true)
    .groupBy(['grants.id', 'grants.seq', 'grants.resource_id', 'grants.role_id'])
    .groupBy(['grants.subject_id', 'grants.holder_ids'])
    .having(sql<boolean>`count(*) = jsonb_array_length(grants.holder_ids)`)

/** What a scan has found and policy leaves to people. */
export const reportedDrift = (db: ViewsSql) =>
  db
    .selectFrom('grants')
    .select(['grants.id', 'grants.seq', ...ACCESS])
    .select([
      sql<ProblemView['operation']>`case drift when 'missing' then 'grant' else 'revoke' end`.as(
        'operation',
      ),
      sql<ProblemState>`'drift'`.as('state'),
      sql<Instant>`updated_at`.as('since'),
      sql<readonly string[]>`holder_ids`.as('assignment_ids'),
      sql<number>`0`.as('attempts'),
      sql<ProblemView['error']>`null::jsonb`.as('error'),
      sql<Instant | null>`null::text`.as('next_try_at'),
    ])
    .where('settled', '=', true)
    .where('drift', 'is not', null)

/** What checks have found, beside what grants show themselves. */
export const found = (db: ViewsSql) =>
  db
    .withSchema('portcullis_problems')
    .selectFrom('findings')
    .select([
      sql<string>`kind || ':' || key`.as('id'),
      'seq',
      'resource_id',
      'role_id',
      'subject_id',
    ])
    .select(['kind', 'package_id', 'request_ids'])
    .select([
      sql<ProblemView['detail']>`jsonb_build_object('code', code, 'message', message)`.as('detail'),
      sql<ProblemView['operation']>`null::text`.as('operation'),
      sql<ProblemState>`'found'`.as('state'),
      'since',
      'assignment_ids',
      sql<number>`0`.as('attempts'),
      sql<ProblemView['error']>`null::jsonb`.as('error'),
      sql<Instant | null>`null::text`.as('next_try_at'),
    ])
