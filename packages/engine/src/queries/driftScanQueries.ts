import type { DriftScan, SureFinding } from '@portcullis/provisioning'
import { BadCursor, type Page, type PageRequest } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { unlessMayAsk } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import type { WholeAnswer } from './directoryQueries.ts'

export interface DriftScanQueries {
  /** Newest first. */
  driftScans(
    caller: Caller,
    page: PageRequest & { readonly resourceId?: string | undefined },
  ): Promise<WholeAnswer<Page<DriftScan>>>
  /** Undefined: there is none, or it is long ago. */
  driftScan(caller: Caller, scanId: string): Promise<WholeAnswer<DriftScan | undefined>>
  /**
   * What a completed scan found, in the order of its roles. Of each resource the findings of the last few scans are
   * kept.
   */
  driftFindings(
    caller: Caller,
    scanId: string,
    page: PageRequest,
  ): Promise<WholeAnswer<Page<SureFinding>>>
}

export const driftScanQueries = (dependencies: QueryDependencies): DriftScanQueries => {
  const { driftRecords } = dependencies
  return {
    driftScans: async (caller, { resourceId, ...page }) =>
      (await unlessMayAsk(dependencies, caller, 'listDriftScans')) ?? {
        ok: true,
        answer: await pageOf(page, (before, limit) =>
          driftRecords.scans({ resourceId, before, limit }),
        ),
      },
    driftScan: async (caller, scanId) =>
      (await unlessMayAsk(dependencies, caller, 'getDriftScan')) ?? {
        ok: true,
        answer: await driftRecords.scan(scanId),
      },
    driftFindings: async (caller, scanId, page) =>
      (await unlessMayAsk(dependencies, caller, 'listDriftFindings')) ?? {
        ok: true,
        answer: await pageOf(page, (after, limit) =>
          driftRecords.sureFindings(scanId, after, limit),
        ),
      },
  }
}

const pageOf = async <Item extends { readonly seq: string }>(
  { limit, cursor }: PageRequest,
  read: (cursor: string | null, limit: number) => Promise<readonly Item[]>,
): Promise<Page<Omit<Item, 'seq'>>> => {
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) throw new BadCursor()
  const rows = await read(cursor ?? null, limit + 1)
  const shown = rows.slice(0, limit)
  return {
    items: shown.map(({ seq: _, ...item }) => item),
    next: rows.length > limit ? (shown.at(-1)?.seq ?? null) : null,
  }
}
