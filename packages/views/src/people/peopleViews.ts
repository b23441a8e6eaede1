import type { Instant } from '@portcullis/core'
import type pg from 'pg'

/** An assignment, active or to come, of somebody who is disabled or gone from the directory. */
export interface LeaverAssignment {
  readonly assignmentId: string
  readonly packageId: string
  readonly subjectId: string
  /** Null where nobody noted it. */
  readonly disabledAt: Instant | null
}

/** Somebody who has lost something for having left. */
export interface EndedLeaver {
  readonly subjectId: string
  /** Null where they are enabled again, or nobody noted it. */
  readonly disabledAt: Instant | null
  readonly endedAt: Instant
}

export interface WaitingRequest {
  readonly requestId: string
  readonly packageId: string
  readonly stage: number
}

/** Joins what people have, as the views say, with who they are now, as the directory says: both lie in one database. */
export interface PeopleViews {
  leaverAssignments(): Promise<readonly LeaverAssignment[]>
  /** How many people have something who are disabled or gone. */
  leaversWithAccess(): Promise<number>
  /** @param span when they lost it: after the first, up to the second */
  endedLeavers(span: readonly [Instant, Instant]): Promise<readonly EndedLeaver[]>
  /** How many people have an assignment, active or to come, or are among these. */
  peopleWithAccess(besides: readonly string[]): Promise<number>
  /** Assignments that should have started by now, of people who are there: their start may have been withheld. */
  overdueStarts(now: Instant): Promise<readonly string[]>
  /** What a check found last: key to since when. */
  findingsOf(kind: 'leaver' | 'no-approver' | 'held-back'): Promise<ReadonlyMap<string, Instant>>
  /**
   * Requests whose open stage nobody could decide on, by the directory alone: of the people and groups who may, nobody
   * is enabled but the subject and the requestor.
   * Besides, every later stage: who has decided on an earlier one is only in the log.
   */
  requestsToLookAt(now: Instant): Promise<readonly WaitingRequest[]>
}

export const createPeopleViews = (pool: pg.Pool): PeopleViews => {
  const leaverAssignments = async (): Promise<readonly LeaverAssignment[]> => {
    const { rows } = await pool.query<LeaverAssignment>(
      `select a.id as "assignmentId", a.package_id as "packageId", a.subject_id as "subjectId", p.disabled_at as "disabledAt"
         from portcullis_views.assignments a left join portcullis_directory.people p on p.id = a.subject_id
        where a.ongoing and p.enabled is not true order by a.id`,
    )
    return rows
  }
  return {
    leaverAssignments,
    leaversWithAccess: async () =>
      new Set((await leaverAssignments()).map(({ subjectId }) => subjectId)).size,
    endedLeavers: async ([after, until]) => {
      const { rows } = await pool.query<EndedLeaver>(
        `select a.subject_id as "subjectId", p.disabled_at as "disabledAt", max(a.ended_at) as "endedAt"
           from portcullis_views.assignments a left join portcullis_directory.people p on p.id = a.subject_id
          where a.subject_left and a.ended_at > $1 and a.ended_at <= $2 group by 1, 2`,
        [after, until],
      )
      return rows
    },
    peopleWithAccess: async (besides) => {
      const { rows } = await pool.query<{ count: number }>(
        `select count(distinct id)::int as count
           from (select subject_id as id from portcullis_views.assignments where ongoing union all select unnest($1::text[])) people`,
        [besides],
      )
      return rows[0]?.count ?? 0
    },
    overdueStarts: async (now) => {
      const { rows } = await pool.query<{ id: string }>(
        `select a.id from portcullis_views.assignments a join portcullis_directory.people p on p.id = a.subject_id
          where a.status = 'Scheduled' and a.start_at <= $1 and p.enabled order by a.id limit 10000`,
        [now],
      )
      return rows.map(({ id }) => id)
    },
    findingsOf: async (kind) => {
      const { rows } = await pool.query<{ key: string; since: Instant }>(
        'select key, since from portcullis_problems.findings where kind = $1',
        [kind],
      )
      return new Map(rows.map(({ key, since }) => [key, since]))
    },
    requestsToLookAt: async (now) => {
      const { rows } = await pool.query<WaitingRequest>(
        `select r.id as "requestId", r.package_id as "packageId", r.stage
           from portcullis_views.requests r
          where r.status = 'PendingApproval' and r.stage is not null and (r.stage > 1 or not exists (
            select 1 from portcullis_directory.people p
             where p.enabled and p.id <> r.subject_id and p.id <> r.requestor_id
               and (r.approver_ids ? p.id or exists (
                 select 1 from portcullis_directory.memberships m
                  where m.person_id = p.id and r.approver_group_ids ? m.group_id and (m.until is null or m.until > $1)))))
          order by r.id`,
        [now],
      )
      return rows
    },
  }
}
