import type { Position } from '@portcullis/core'
import type { Resource } from '@portcullis/directory'
import type { Finding, Holder, ScanCounts, TargetRole } from '@portcullis/provisioning'
import { ViewsLagging } from '../viewsLagging.ts'
import { type Judgement, judge, pairUp } from './compare.ts'
import type { DriftDependencies } from './driftDependencies.ts'
import type { Scan } from './scan.ts'
import { settleFindings } from './settleFindings.ts'
import { whoseAreThey } from './whoseAreThey.ts'

const PAGE = 1000
const VIEW_TIMEOUT_MILLIS = 60_000

export interface ScanResult {
  readonly counts: ScanCounts
  readonly heldBack: boolean
}

type Tally = { -readonly [Count in 'holders' | 'expected' | 'unmatched' | 'busy']: number } & {
  unexpected: number
}

/**
 * Compares who has the resource's roles in the target with the grants, in both directions. First all differences are
 * noted, then each is looked at again and told to its grant; a dry run stops short of telling.
 * @throws ConnectorError of the target, ViewsLagging, the signal's reason
 */
export const scanResource = async (
  dependencies: DriftDependencies,
  subject: Scan,
  signal: AbortSignal,
): Promise<ScanResult> => {
  const { driftRecords: records, store } = dependencies
  const { scan, resource, policy } = subject
  const tally: Tally = { holders: 0, expected: 0, unmatched: 0, busy: 0, unexpected: 0 }
  const begunAt = await store.head()
  try {
    for (const role of resource.roles) {
      // Whose the accounts are is looked up in the view as well.
      await upTo(dependencies.projections, await store.head())
      await noteHolders(dependencies, subject, targetRole(resource, role), tally, signal)
      await noteDifferences(dependencies, subject, role.id, tally, signal)
    }
  } finally {
    await records.forgetSeen(scan.id)
  }
  const removes = policy.removeUnexpected && tally.unexpected <= policy.removeAtMost
  const settled = await settleFindings(dependencies, subject, { begunAt, removes }, signal)
  return {
    counts: {
      holders: tally.holders,
      expected: tally.expected,
      unmatched: tally.unmatched,
      ...settled,
      skipped: settled.skipped + tally.busy,
    },
    heldBack: policy.removeUnexpected && !removes,
  }
}

const targetRole = (resource: Resource, role: Resource['roles'][number]): TargetRole => ({
  resource: { id: resource.id, externalId: resource.externalId },
  role: { id: role.id, externalId: role.externalId },
})

/** Whom the target names, by the people of the directory; those who are nobody for certain are findings at once. */
const noteHolders = async (
  dependencies: DriftDependencies,
  { scan, resource, connector }: Scan,
  role: TargetRole,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> => {
  const { driftRecords: records } = dependencies
  const roleId = role.role.id
  const noted = async (holders: readonly Holder[]): Promise<void> => {
    const named = await whoseAreThey(dependencies, { resourceId: resource.id, roleId }, holders)
    const unmatched: Finding[] = []
    const seen = named.flatMap(({ holder: { label }, account, subjectId, candidates }) => {
      if (subjectId !== null) return [{ subjectId, label, account }]
      const nobody = { kind: 'unmatched', subjectId, action: 'none' } as const
      unmatched.push({ ...nobody, roleId, label, candidates, account })
      return []
    })
    await records.addSeen(scan.id, roleId, seen)
    await records.addFindings(scan.id, unmatched)
    tally.holders += holders.length
    tally.unmatched += unmatched.length
  }
  for await (const page of connector.holders?.(role, signal) ?? []) {
    signal.throwIfAborted()
    for (let start = 0; start < page.length; start += PAGE)
      await noted(page.slice(start, start + PAGE))
  }
}

const noteDifferences = async (
  { driftRecords: records, views, store, projections }: DriftDependencies,
  { scan, resource }: Scan,
  roleId: string,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> => {
  await upTo(projections, await store.head())
  const role = { resourceId: resource.id, roleId }
  const pairs = pairUp(
    (after) => records.seen(scan.id, roleId, after, PAGE),
    (after) => views.grantsOfRole(role, after, PAGE),
  )
  let noted: Finding[] = []
  for await (const pair of pairs) {
    signal.throwIfAborted()
    if (pair.grant !== undefined && pair.grant.holderIds.length > 0) tally.expected += 1
    const kind: Judgement = judge(pair)
    if (kind === 'fine') continue
    if (kind === 'busy') {
      tally.busy += 1
      continue
    }
    if (kind === 'unexpected') tally.unexpected += 1
    const { subjectId, seen } = pair
    noted.push({
      roleId,
      kind,
      subjectId,
      label: seen?.label ?? subjectId,
      candidates: [],
      account: seen?.account ?? null,
      action: 'none',
    })
    if (noted.length < PAGE) continue
    await records.addFindings(scan.id, noted)
    noted = []
  }
  await records.addFindings(scan.id, noted)
}

const upTo = async (
  projections: DriftDependencies['projections'],
  head: Position,
): Promise<void> => {
  if (!(await projections.waitForView('grants', head, VIEW_TIMEOUT_MILLIS)))
    throw new ViewsLagging(head)
}
