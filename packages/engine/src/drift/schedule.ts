import { addMillis, deriveId, type Instant } from '@portcullis/core'
import type { Resource } from '@portcullis/directory'
import { driftScanJob } from '../queues.ts'
import type { DriftDependencies } from './driftDependencies.ts'

const PAGE = 1000

/**
 * The `scans-due` job: queues a scan for each resource whose last one ended longer ago than policy says, and queues
 * those that wait, also what a wiped queue or a dead process left.
 * Level-triggered: after downtime everything that is due comes at once, and the queue's one lane spreads it out.
 * @returns how many resources
 */
export const queueScans = async (
  dependencies: DriftDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const { driftRecords: records, jobs, directory } = dependencies
  const waiting = new Set(await records.unfinished())
  let cursor: string | undefined
  do {
    const { items, next } = await directory.listResources({
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { id, last } of await dueOf(dependencies, items)) {
      if (waiting.has(id)) continue
      waiting.add(id)
      await records.request({
        // Of several workers that find it due at once, one queues it.
        id: deriveId('drift-scan', id, last ?? 'first'),
        resourceId: id,
        dryRun: false,
        requestedBy: null,
        requestedAt: dependencies.now(),
      })
    }
    cursor = next ?? undefined
  } while (cursor !== undefined && !signal.aborted)
  await jobs.enqueue([...waiting].map(driftScanJob))
  return waiting.size
}

const dueOf = async (
  { driftRecords: records, connectors, driftPolicies, now }: DriftDependencies,
  resources: readonly Resource[],
): Promise<readonly { readonly id: string; readonly last: Instant | undefined }[]> => {
  const scanned = resources.flatMap(({ id, connector }) => {
    const everyMillis = driftPolicies.get(connector)?.everyMillis ?? null
    return everyMillis === null || connectors.get(connector)?.holders === undefined
      ? []
      : [{ id, everyMillis }]
  })
  if (scanned.length === 0) return []
  const ended = await records.lastEnded(scanned.map(({ id }) => id))
  const at = now()
  return scanned.flatMap(({ id, everyMillis }) => {
    const last = ended.get(id)
    return last === undefined || last > at || addMillis(last, everyMillis) <= at
      ? [{ id, last }]
      : []
  })
}
