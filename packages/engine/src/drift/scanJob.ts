import { codeOf } from '@portcullis/core'
import type { DriftScan } from '@portcullis/provisioning'
import { ConnectorError, DEFAULT_DRIFT_POLICY } from '@portcullis/provisioning'
import { errorText } from '../log.ts'
import type { DriftDependencies } from './driftDependencies.ts'
import type { Scan } from './scan.ts'
import { scanResource } from './scanResource.ts'

/**
 * The `scan` job: runs the resource's queued scans, one after the other. That another worker is at it is no error: it
 * runs them all.
 * A scan that fails is recorded as failed; it is the schedule, or the one who asked, that starts the next one.
 */
export const runScans = async (
  dependencies: DriftDependencies,
  resourceId: string,
  signal: AbortSignal,
): Promise<void> => {
  const { driftRecords: records, now, log } = dependencies
  await records.withLock(resourceId, async () => {
    while (!signal.aborted) {
      const scan = await records.begin(resourceId, now())
      if (scan === undefined) return
      try {
        const { counts, heldBack } = await scanResource(
          dependencies,
          await whatToScan(dependencies, scan),
          signal,
        )
        await records.complete(scan.id, now(), counts, heldBack)
        log.info({ resourceId, scanId: scan.id, ...counts }, 'scanned for drift')
      } catch (error) {
        // Closing: the scan is begun again by the next process.
        if (signal.aborted) return
        const { code, message } = reasonOf(error)
        log.warn({ resourceId, scanId: scan.id, code }, 'a scan for drift failed')
        await records.fail(scan.id, now(), { code, message })
      }
    }
  })
}

const reasonOf = (error: unknown): { readonly code: string; readonly message: string } => ({
  code: codeOf(error) ?? 'drift.failed',
  message: errorText(error),
})

const whatToScan = async (
  { directory, connectors, driftPolicies }: DriftDependencies,
  scan: DriftScan,
): Promise<Scan> => {
  const resource = (await directory.resources([scan.resourceId])).get(scan.resourceId)
  if (resource === undefined)
    throw lasting('drift.unknown-resource', `the directory has no resource ${scan.resourceId}`)
  const connector = connectors.get(resource.connector)
  if (connector === undefined)
    throw lasting(
      'provisioning.unknown-connector',
      `resource ${resource.id} names the connector ${resource.connector}, which is not configured`,
    )
  if (connector.holders === undefined)
    throw lasting(
      'drift.not-listable',
      `connector ${connector.name} can't say who has a role, so its resources can't be scanned`,
    )
  const policy = driftPolicies.get(connector.name) ?? DEFAULT_DRIFT_POLICY
  return { scan, resource, connector, policy }
}

const lasting = (code: string, message: string) =>
  new ConnectorError(code, message, { transient: false })
