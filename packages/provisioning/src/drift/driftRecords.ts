import type { Instant } from '@portcullis/core'
import { LOCK_SPACE, tryLock } from '@portcullis/postgres'
import type pg from 'pg'
import { createFindings, type Findings } from './driftFindings.ts'

/** What a scan came to. People whom a look showed to be as they should be after all are in none of these. */
export interface ScanCounts {
  /** Who the target names, over all roles. */
  readonly holders: number
  /** Who should have it. */
  readonly expected: number
  readonly missing: number
  readonly unexpected: number
  /** Named by the target, and nobody, or several, whom the directory knows. */
  readonly unmatched: number
  /** Work was under way on their access, or the target said something else when it was asked again. */
  readonly skipped: number
  /** Missing, and granted again by this scan's doing. */
  readonly granted: number
  /** Unexpected, and taken away by this scan's doing. */
  readonly revoked: number
  /** Found by an earlier scan and left alone, and now as it should be. */
  readonly gone: number
}

export interface DriftScan {
  readonly id: string
  readonly resourceId: string
  readonly dryRun: boolean
  /** As the log names actors; null: it was due. */
  readonly requestedBy: string | null
  readonly requestedAt: Instant
  readonly status: 'waiting' | 'running' | 'completed' | 'failed'
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** Null until it is completed. */
  readonly counts: ScanCounts | null
  /** There was more to take away than policy lets one scan take, so it took nothing. */
  readonly heldBack: boolean
  readonly error: { readonly code: string; readonly message: string } | null
}

/** Scans of targets, those to come and those that were. */
export interface DriftRecords extends Findings {
  /** Queues a scan. @returns false when there is one of that id already */
  request(
    scan: Pick<DriftScan, 'id' | 'resourceId' | 'dryRun' | 'requestedBy' | 'requestedAt'>,
  ): Promise<boolean>
  /** Resources with a queued scan, or one whose process may have died. */
  unfinished(): Promise<readonly string[]>
  /** When the last scan of each resource ended, failed ones too; dry runs don't count. */
  lastEnded(resourceIds: readonly string[]): Promise<ReadonlyMap<string, Instant>>
  /** Runs `work` as the only one on that resource, in any process. @returns false when somebody else is at it */
  withLock(resourceId: string, work: () => Promise<void>): Promise<boolean>
  /** Under the lock: starts the first queued scan, or again the one whose process died. Undefined: there is none. */
  begin(resourceId: string, now: Instant): Promise<DriftScan | undefined>
  complete(id: string, now: Instant, counts: ScanCounts, heldBack: boolean): Promise<void>
  fail(id: string, now: Instant, error: NonNullable<DriftScan['error']>): Promise<void>
  scan(id: string): Promise<DriftScan | undefined>
  /** Newest first; `before` continues behind the last of an earlier answer. */
  scans(options: {
    readonly resourceId?: string | undefined
    readonly before: string | null
    readonly limit: number
  }): Promise<readonly (DriftScan & { readonly seq: string })[]>
}

const SCAN = `id, resource_id as "resourceId", dry_run as "dryRun", requested_by as "requestedBy", requested_at as "requestedAt",
  status, started_at as "startedAt", ended_at as "endedAt", counts, held_back as "heldBack", error`
/** A scan whose process dies so often isn't started again. */
const MOST_STARTS = 3
const KEPT_SCANS = 50
const KEPT_FINDINGS = 5

export const createDriftRecords = (pool: pg.Pool): DriftRecords => {
  const scans = async (text: string, values: readonly unknown[]): Promise<readonly DriftScan[]> =>
    (await pool.query<DriftScan>(text, [...values])).rows

  return {
    ...createFindings(pool),
    request: async ({ id, resourceId, dryRun, requestedBy, requestedAt }) => {
      const { rowCount } = await pool.query(
        `insert into portcullis_drift.scans (id, resource_id, dry_run, requested_by, requested_at, status)
         values ($1, $2, $3, $4, $5, 'waiting') on conflict (id) do nothing`,
        [id, resourceId, dryRun, requestedBy, requestedAt],
      )
      return rowCount === 1
    },
    unfinished: async () => {
      const { rows } = await pool.query<{ readonly id: string }>(
        'select distinct resource_id as id from portcullis_drift.scans where ended_at is null order by 1 limit 1000',
      )
      return rows.map(({ id }) => id)
    },
    lastEnded: async (resourceIds) => {
      const { rows } = await pool.query<{ readonly id: string; readonly at: Instant }>(
        // The last one, not the latest: the clock may have been set back since.
        `select distinct on (resource_id) resource_id as id, ended_at as at from portcullis_drift.scans
          where resource_id = any($1) and not dry_run and ended_at is not null order by resource_id, seq desc`,
        [resourceIds],
      )
      return new Map(rows.map(({ id, at }) => [id, at]))
    },
    // Should two scan all the same, what they report is guarded in the log.
    withLock: async (resourceId, work) =>
      (await tryLock(pool, LOCK_SPACE.driftScan, resourceId, work)) !== undefined,
    begin: async (resourceId, now) => {
      await pool.query(
        `update portcullis_drift.scans set status = 'failed', ended_at = $2, error = $3
          where resource_id = $1 and ended_at is null and starts >= ${MOST_STARTS}`,
        [resourceId, now, { code: 'drift.interrupted', message: 'its process ended each time' }],
      )
      await forgetOldOnes(pool, resourceId)
      const [begun] = await scans(
        `update portcullis_drift.scans set status = 'running', started_at = $2, starts = starts + 1
          where seq = (select min(seq) from portcullis_drift.scans where resource_id = $1 and ended_at is null)
          returning ${SCAN}`,
        [resourceId, now],
      )
      return begun
    },
    complete: async (id, now, counts, heldBack) => {
      await pool.query(
        `update portcullis_drift.scans set status = 'completed', ended_at = $2, counts = $3, held_back = $4 where id = $1`,
        [id, now, counts, heldBack],
      )
    },
    fail: async (id, now, error) => {
      await pool.query(
        `update portcullis_drift.scans set status = 'failed', ended_at = $2, error = $3 where id = $1`,
        [id, now, error],
      )
    },
    scan: async (id) =>
      (await scans(`select ${SCAN} from portcullis_drift.scans where id = $1`, [id]))[0],
    scans: async ({ resourceId = null, before, limit }) => {
      const { rows } = await pool.query<DriftScan & { readonly seq: string }>(
        `select ${SCAN}, seq from portcullis_drift.scans
          where ($1::text is null or resource_id = $1) and ($2::bigint is null or seq < $2) order by seq desc limit $3`,
        [resourceId, before, limit],
      )
      return rows
    },
  }
}

/**
 * Of each resource the last scans stay, and what the last few found; what a scan had noted that is begun again goes.
 */
const forgetOldOnes = async (pool: pg.Pool, resourceId: string): Promise<void> => {
  const newest = (count: number): string =>
    `(select id from portcullis_drift.scans where resource_id = $1 order by seq desc limit ${count})`
  const own = `select id from portcullis_drift.scans where resource_id = $1`
  const statements = [
    `delete from portcullis_drift.seen where scan_id in (${own})`,
    `delete from portcullis_drift.findings where scan_id in (${own} and (ended_at is null or id not in ${newest(KEPT_FINDINGS)}))`,
    `delete from portcullis_drift.scans where resource_id = $1 and ended_at is not null and id not in ${newest(KEPT_SCANS)}`,
  ]
  for (const text of statements) await pool.query(text, [resourceId])
}
