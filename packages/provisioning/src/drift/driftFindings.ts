import type pg from 'pg'
import type { TargetAccount } from '../connector.ts'

/** Somebody whose access in the target isn't what the grants say. */
export interface Finding {
  readonly roleId: string
  /**
   * `unmatched`: the target names somebody whom the directory doesn't know for certain. `gone`: an earlier finding that
   * is no more.
   */
  readonly kind: 'missing' | 'unexpected' | 'unmatched' | 'gone'
  /** Null: unmatched. */
  readonly subjectId: string | null
  /** As the target names them. */
  readonly label: string
  /** Unmatched: the people whom it may be; empty: nobody is known. */
  readonly candidates: readonly string[]
  /** By which names the target has the account; null: it named nobody, or told none. */
  readonly account: TargetAccount | null
  /** What is done about it; after a dry run: what would be. */
  readonly action: 'grant' | 'revoke' | 'none'
}

export type NotedFinding = Finding & { readonly seq: string }

/** A finding that has been looked at again. */
export type SureFinding = Finding & { readonly kind: Exclude<Finding['kind'], 'gone'> }

export interface Seen {
  readonly subjectId: string
  readonly label: string
  readonly account: TargetAccount | null
}

/** What a scan notes while it is under way, and what it leaves. */
export interface Findings {
  addSeen(scanId: string, roleId: string, seen: readonly Seen[]): Promise<void>
  /** In order of the subject's id, after `after`. */
  seen(
    scanId: string,
    roleId: string,
    after: string | null,
    limit: number,
  ): Promise<readonly Seen[]>
  forgetSeen(scanId: string): Promise<void>
  addFindings(scanId: string, findings: readonly Finding[]): Promise<void>
  /** In the order in which they were noted. */
  findings(scanId: string, after: string | null, limit: number): Promise<readonly NotedFinding[]>
  /** The same of a scan that is completed: until then some may turn out to be none. */
  sureFindings(
    scanId: string,
    after: string | null,
    limit: number,
  ): Promise<readonly (SureFinding & { readonly seq: string })[]>
  /** What became of a finding; null: it was none. */
  settleFindings(
    settled: readonly { readonly seq: string; readonly action: Finding['action'] | null }[],
  ): Promise<void>
}

const json = (account: TargetAccount | null): string | null =>
  account === null ? null : JSON.stringify(account)

const FINDING = `seq, role_id as "roleId", kind, subject_id as "subjectId", label, candidates, account, action`

export const createFindings = (pool: pg.Pool): Findings => ({
  addSeen: async (scanId, roleId, seen) => {
    await pool.query(
      `insert into portcullis_drift.seen (scan_id, role_id, subject_id, label, account)
       select $1, $2, s.* from unnest($3::text[], $4::text[], $5::jsonb[]) as s on conflict do nothing`,
      [
        scanId,
        roleId,
        seen.map(({ subjectId }) => subjectId),
        seen.map(({ label }) => label),
        seen.map(({ account }) => json(account)),
      ],
    )
  },
  seen: async (scanId, roleId, after, limit) => {
    const { rows } = await pool.query<Seen>(
      `select subject_id as "subjectId", label, account from portcullis_drift.seen
        where scan_id = $1 and role_id = $2 and subject_id > $3 order by subject_id limit $4`,
      [scanId, roleId, after ?? '', limit],
    )
    return rows
  },
  forgetSeen: async (scanId) => {
    await pool.query('delete from portcullis_drift.seen where scan_id = $1', [scanId])
  },
  addFindings: async (scanId, findings) => {
    if (findings.length === 0) return
    const of = <Field extends keyof Finding>(field: Field) => findings.map((each) => each[field])
    await pool.query(
      `insert into portcullis_drift.findings (scan_id, role_id, kind, subject_id, label, candidates, account, action)
       select $1, f.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::text[]) as f`,
      [
        scanId,
        of('roleId'),
        of('kind'),
        of('subjectId'),
        of('label'),
        of('candidates').map((ids) => JSON.stringify(ids)),
        of('account').map(json),
        of('action'),
      ],
    )
  },
  findings: async (scanId, after, limit) => {
    const { rows } = await pool.query<NotedFinding>(
      `select ${FINDING} from portcullis_drift.findings where scan_id = $1 and seq > $2 order by seq limit $3`,
      [scanId, after ?? '0', limit],
    )
    return rows
  },
  sureFindings: async (scanId, after, limit) => {
    const { rows } = await pool.query<SureFinding & { readonly seq: string }>(
      `select ${FINDING} from portcullis_drift.findings
        where scan_id = $1 and seq > $2 and kind <> 'gone'
          and exists (select 1 from portcullis_drift.scans where id = $1 and status = 'completed')
        order by seq limit $3`,
      [scanId, after ?? '0', limit],
    )
    return rows
  },
  settleFindings: async (settled) => {
    const dropped = settled.filter(({ action }) => action === null).map(({ seq }) => seq)
    const kept = settled.filter(({ action }) => action !== null)
    await pool.query('delete from portcullis_drift.findings where seq = any($1)', [dropped])
    await pool.query(
      `update portcullis_drift.findings as f set action = s.action
         from unnest($1::bigint[], $2::text[]) as s (seq, action) where f.seq = s.seq and f.action <> s.action`,
      [kept.map(({ seq }) => seq), kept.map(({ action }) => action)],
    )
  },
})
