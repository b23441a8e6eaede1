import { deriveId, type Position } from '@portcullis/core'
import {
  type GrantState,
  grantDecider,
  grantDesired,
  grantId,
  grantSettled,
  grantStream,
} from '@portcullis/domain'
import type { Finding, NotedFinding, ScanCounts } from '@portcullis/provisioning'
import { ConnectorError, type ReadBack } from '@portcullis/provisioning'
import { readBackAll } from '../reconcile/connectorCalls.ts'
import { type LoadedGrant, loadGrants } from '../reconcile/grants.ts'
import { asGranted, findTargets, grantIds } from '../reconcile/targets.ts'
import type { DriftDependencies } from './driftDependencies.ts'
import { patiently } from './patiently.ts'
import type { Scan } from './scan.ts'

const PAGE = 200
/** Looks under way at once: a scan leaves the target to what people wait for. */
const SIDE_BY_SIDE = 8
const SCANNER = { kind: 'system', id: 'drift' } as const

export type SettledCounts = Omit<ScanCounts, 'holders' | 'expected' | 'unmatched'>

interface Settling {
  /** The end of the log before the target was asked. */
  readonly begunAt: Position
  /** Is what is unexpected taken away? */
  readonly removes: boolean
}

/** A finding with its grant as it is now. */
interface Case extends NotedFinding {
  readonly id: string
  readonly grant: LoadedGrant
  readonly repair: boolean
  /** Set right when the subject is back, and not before. */
  readonly withheld: boolean
  /**
   * What the target says; what it named a moment ago is taken for there, where nothing has happened to the grant since.
   */
  readonly says: ReadBack['state']
}

/**
 * Looks at each finding again, so that nobody's race with the scan is recorded as drift, and tells it to its grant;
 * then convergence does the rest.
 * What turns out to be as it should be is no finding.
 */
export const settleFindings = async (
  dependencies: DriftDependencies,
  subject: Scan,
  settling: Settling,
  signal: AbortSignal,
): Promise<SettledCounts> => {
  const { driftRecords: records } = dependencies
  const counts = { missing: 0, unexpected: 0, skipped: 0, granted: 0, revoked: 0, gone: 0 }
  for (let after: string | null = null; ; ) {
    signal.throwIfAborted()
    const page: readonly NotedFinding[] = await records.findings(subject.scan.id, after, PAGE)
    after = page.at(-1)?.seq ?? after
    const cases = await casesOf(dependencies, subject, settling, page, signal)
    const real = await tell(dependencies, subject, cases)
    for (const { seq, kind, repair, withheld } of cases) {
      if (kind === 'unmatched') continue
      if (real.has(seq)) counts[kind] += 1
      else counts.skipped += 1
      if (real.has(seq) && repair && !withheld)
        counts[kind === 'missing' ? 'granted' : 'revoked'] += 1
    }
    await records.settleFindings(
      cases.map(({ seq, kind, repair, withheld }) => ({
        seq,
        action: real.has(seq) && kind !== 'gone' ? actionOf(kind, repair && !withheld) : null,
      })),
    )
    if (page.length < PAGE) return counts
  }
}

const actionOf = (kind: Finding['kind'], repair: boolean): Finding['action'] => {
  if (!repair) return 'none'
  return kind === 'missing' ? 'grant' : 'revoke'
}

const casesOf = async (
  dependencies: DriftDependencies,
  subject: Scan,
  settling: Settling,
  page: readonly NotedFinding[],
  signal: AbortSignal,
): Promise<readonly Case[]> => {
  const { resource } = subject
  const named = page.flatMap((finding) =>
    finding.subjectId === null
      ? []
      : [{ ...finding, id: grantId(resource.id, finding.roleId, finding.subjectId) }],
  )
  const grants = await loadGrants(
    dependencies.store,
    named.map(({ id }) => id),
  )
  const repairs = await repairsOf(dependencies, subject, settling, named)
  const missing = named.flatMap(({ kind, subjectId }) => (kind === 'missing' ? [subjectId] : []))
  const left = await dependencies.directory.leftAmong(missing.filter((id) => id !== null))
  // Nobody but us changes what the target named a moment ago; only a removal wants to be sure of the person as well.
  const doubted = named.filter(({ kind, id }) => {
    const moved = (grants.get(id)?.position ?? 0n) > settling.begunAt
    return kind !== 'unexpected' || moved || repairs.has(id)
  })
  const looks = await looksAt(
    dependencies,
    doubted.map(({ id, account }) => ({
      id,
      account: grants.get(id)?.state.account ?? account,
      receipt: grants.get(id)?.state.receipt ?? null,
    })),
    signal,
  )
  return named.flatMap((finding) => {
    const grant = grants.get(finding.id)
    if (grant === undefined) return []
    const looked = looks.get(finding.id) ?? 'present'
    // The target has named them: that it can't say so again makes nothing of it, but isn't enough to take anything
    // away.
    const unsure = finding.kind === 'unexpected' && looked === 'unknown'
    const says = unsure ? 'present' : looked
    const withheld = finding.kind === 'missing' && left.has(finding.subjectId ?? '')
    return [{ ...finding, grant, says, withheld, repair: repairs.has(finding.id) && !unsure }]
  })
}

/**
 * Which grants are set right: by policy, and never by taking a role from somebody who has another one of the resource
 * by us, for some targets know both by one group.
 */
const repairsOf = async (
  { store }: DriftDependencies,
  { resource, policy }: Scan,
  { removes }: Settling,
  named: readonly { readonly kind: Finding['kind']; readonly id: string }[],
): Promise<ReadonlySet<string>> => {
  const idsOf = (wanted: Finding['kind'], when: boolean): readonly string[] =>
    when ? named.flatMap(({ kind, id }) => (kind === wanted ? [id] : [])) : []
  const unexpected = idsOf('unexpected', removes)
  const othersOf = (id: string): readonly string[] => {
    const { roleId, subjectId } = grantIds(id)
    return resource.roles.flatMap((role) =>
      role.id === roleId ? [] : [grantId(resource.id, role.id, subjectId)],
    )
  }
  const others = await loadGrants(store, unexpected.flatMap(othersOf))
  const isOurs = (id: string): boolean => {
    const state = others.get(id)?.state
    return state !== undefined && !(grantSettled(state) && grantDesired(state) === 'absent')
  }
  return new Set([
    ...idsOf('missing', policy.repairMissing),
    ...unexpected.filter((id) => !othersOf(id).some(isOurs)),
  ])
}

/** @throws what fails for all, or may pass; `unknown` is what the target can't say of one on its own */
const looksAt = async (
  dependencies: DriftDependencies,
  asked: readonly ({ readonly id: string } & Pick<GrantState, 'account' | 'receipt'>)[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadBack['state']>> => {
  const ids = asked.map(({ id }) => id)
  const targets = await findTargets(dependencies, ids)
  const looks = new Map<string, ReadBack['state']>(ids.map((id) => [id, 'unknown']))
  const known = asked.flatMap(({ id, ...granted }) => {
    const target = targets.get(id)
    return target === undefined || target instanceof ConnectorError
      ? []
      : [{ id, target: asGranted(target, granted) }]
  })
  const width = known[0]?.target.connector.many?.most ?? SIDE_BY_SIDE
  for (let start = 0; start < known.length; start += width) {
    const some = known.slice(start, start + width)
    const answers = await patiently(signal, async () => {
      const timeout = AbortSignal.timeout(dependencies.operationMillis)
      const attempt = AbortSignal.any([signal, timeout])
      const all = await readBackAll(
        some.map(({ target }) => target),
        attempt,
      )
      return all.map((answer) => {
        if (answer.ok) return answer.value.state
        if (answer.error instanceof ConnectorError && !answer.error.transient) return 'unknown'
        throw answer.error
      })
    })
    for (const [index, { id }] of some.entries()) looks.set(id, answers[index] ?? 'unknown')
  }
  return looks
}

/** What the target must say for the finding to be one. */
const findingSays = (kind: Finding['kind'], state: GrantState): 'present' | 'absent' => {
  if (kind === 'missing') return 'absent'
  if (kind === 'unexpected') return 'present'
  return grantDesired(state) === 'present' ? 'present' : 'absent'
}

/** Tells the grants, or in a dry run asks what they would make of it. @returns the findings that are real */
const tell = async (
  { handleMany }: DriftDependencies,
  { scan }: Scan,
  cases: readonly Case[],
): Promise<ReadonlySet<string>> => {
  const likely = cases.flatMap((each) => {
    const { says, kind, grant } = each
    return says !== 'unknown' && says === findingSays(kind, grant.state) ? [{ ...each, says }] : []
  })
  if (scan.dryRun) {
    const open = ({ grant: { state } }: Case) =>
      grantSettled(state) && grantDesired(state) !== 'unmanaged'
    return new Set(likely.filter(open).map(({ seq }) => seq))
  }
  const outcomes = await handleMany(
    likely.map(({ id, grant, says, repair, account }) => ({
      stream: grantStream(id),
      decider: grantDecider,
      known: grant,
      commands: [
        {
          command: {
            type: 'ReportDrift',
            found: says,
            account,
            lookedAt: grant.state.news,
            repair,
          } as const,
          envelope: {
            commandId: deriveId('drift', scan.id, id),
            correlationId: scan.id,
            actor: SCANNER,
          },
        },
      ],
      facts: () => grantIds(id),
    })),
  )
  return new Set(
    likely.flatMap(({ seq, kind }, index) => {
      const outcome = outcomes[index]?.outcomes[0]
      // Without an event: known since an earlier scan, or no drift after all.
      const real = outcome?.ok && (outcome.events.length > 0 || outcome.state.drift === kind)
      return real === true ? [seq] : []
    }),
  )
}
