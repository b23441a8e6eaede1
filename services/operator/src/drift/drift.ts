import { setTimeout as delay } from 'node:timers/promises'
import type { Answer, Client } from '@portcullis/client'
import { type ChangeFlags, type ClientFlags, connect } from '../cli/client.ts'
import { facts } from '../cli/list.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { table } from '../cli/table.ts'

type Scan = Answer<'getDriftScan'>
type Finding = Answer<'listDriftFindings'>['items'][number]

interface Limit {
  readonly limit: number
}

const POLL_MILLIS = 500

/** The `drift scan` command. @throws CommandFailed when it could not be done */
export const scanForDrift = async (
  resourceId: string,
  flags: ChangeFlags & Limit & { readonly dryRun: boolean; readonly wait: boolean },
  output: Output,
): Promise<void> => {
  const client = await connect(flags)
  const { commandId } = flags
  const started = await client.startDriftScan(
    { resourceId, dryRun: flags.dryRun },
    commandId === undefined ? {} : { commandId },
  )
  const scanId = started.scanId ?? started.commandId
  if (!flags.wait) return output.print(`Scan ${scanId} is queued.`, { scanId })
  let scan = await client.getDriftScan({ scanId })
  if (scan.status === 'waiting')
    output.note(`Scan ${scanId} is queued; a worker begins in a moment.`)
  while (scan.status === 'waiting' || scan.status === 'running') {
    await delay(POLL_MILLIS)
    scan = await client.getDriftScan({ scanId })
  }
  await printScan(client, scan, flags.limit, output)
  if (scan.status === 'failed') throw new CommandFailed(failure(scan))
}

/** The `drift report` command. @throws CommandFailed when there is drift, or a scan failed: for monitoring */
export const reportDrift = async (
  resourceId: string | undefined,
  flags: ClientFlags & Limit,
  output: Output,
): Promise<void> => {
  const client = await connect(flags)
  const last = await lastScans(client, resourceId)
  const [only] = last
  if (resourceId !== undefined && only !== undefined)
    await printScan(client, only, flags.limit, output)
  else
    await output.print(
      last.length === 0 ? 'Nothing has been scanned yet.' : scansText(last.slice(0, flags.limit)),
      { items: last.slice(0, flags.limit), more: last.length > flags.limit },
    )
  if (resourceId !== undefined && only === undefined)
    throw new CommandFailed(`resource ${resourceId} has not been scanned yet`)
  const failed = last.filter(({ status }) => status === 'failed')
  const drifting = last.filter(hasDrift)
  const said = [
    ...(drifting.length === 0 ? [] : [`drift on ${drifting.length} of ${last.length} resources`]),
    ...failed.map(failure),
  ]
  if (said.length > 0) throw new CommandFailed(said.join('\n'))
}

/** What a scan left: repaired is as good as none. */
const hasDrift = ({ counts }: Scan): boolean =>
  counts !== null &&
  counts.missing - counts.granted + counts.unexpected - counts.revoked + counts.unmatched > 0

const failure = ({ resourceId, error }: Scan): string =>
  `the last scan of ${resourceId} failed: ${error?.message ?? 'no reason is known'} (${error?.code ?? '-'})`

/** The newest scan of each resource that has ended; dry runs say nothing of what is. */
const lastScans = async (
  client: Client,
  resourceId: string | undefined,
): Promise<readonly Scan[]> => {
  const last = new Map<string, Scan>()
  for await (const scan of client.listDriftScans.all(
    resourceId === undefined ? {} : { resourceId },
  )) {
    if (scan.endedAt === null || scan.dryRun || last.has(scan.resourceId)) continue
    last.set(scan.resourceId, scan)
    if (resourceId !== undefined) break
  }
  return [...last.values()].sort((a, b) => (a.resourceId < b.resourceId ? -1 : 1))
}

const printScan = async (
  client: Client,
  scan: Scan,
  limit: number,
  output: Output,
): Promise<void> => {
  const findings: Finding[] = []
  let more = false
  for await (const finding of client.listDriftFindings.all({ scanId: scan.id })) {
    more = findings.length === limit
    if (more) break
    findings.push(finding)
  }
  await output.print([scanText(scan), '', findingsText(scan, findings)].join('\n').trimEnd(), {
    ...scan,
    findings,
    more,
  })
  if (more) output.note(`There are more; --limit shows more than ${limit}.`)
}

const scanText = (scan: Scan): string => {
  const { counts } = scan
  return facts({
    Scan: scan.id,
    Resource: scan.resourceId,
    Status: scan.dryRun ? `${scan.status}, a dry run` : scan.status,
    Ended: scan.endedAt,
    ...(scan.error === null ? {} : { Failed: `${scan.error.message} (${scan.error.code})` }),
    ...(counts === null
      ? {}
      : {
          'In the target': counts.holders,
          'By grants': counts.expected,
          Missing: repaired(scan, counts.missing, counts.granted, 'granted again'),
          Unexpected: repaired(scan, counts.unexpected, counts.revoked, 'taken away'),
          Unmatched: counts.unmatched,
          'Not judged': counts.skipped,
          'Gone since': counts.gone,
        }),
    ...(scan.heldBack ? { 'Held back': 'more to take away than removeAtMost allows' } : {}),
  })
}

const repaired = (scan: Scan, found: number, count: number, what: string): string =>
  count === 0 ? String(found) : `${found}, ${count} ${scan.dryRun ? `would be ${what}` : what}`

const findingsText = (scan: Scan, findings: readonly Finding[]): string =>
  findings.length === 0
    ? ''
    : table(
        ['finding', 'role', 'person', 'in the target', scan.dryRun ? 'would' : 'done'],
        findings.map(({ kind, roleId, subjectId, candidates, label, action }) => [
          kind,
          roleId,
          subjectId ?? (candidates.length === 0 ? 'nobody known' : candidates.join(' or ')),
          label,
          action === 'none' ? '-' : action,
        ]),
      )

const scansText = (scans: readonly Scan[]): string =>
  table(
    ['resource', 'scan', 'ended', 'missing', 'unexpected', 'unmatched'],
    scans.map(({ resourceId, status, endedAt, counts }) => [
      resourceId,
      status,
      endedAt ?? '-',
      ...[counts?.missing, counts?.unexpected, counts?.unmatched].map((count) =>
        String(count ?? '-'),
      ),
    ]),
  )
