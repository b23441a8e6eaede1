import { actorKey, identityOf, keyReused, refuse } from '@portcullis/core'
import { unlessPermitted } from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { type CommandTools, envelopeOf, type Outside, refused } from './tools.ts'

/**
 * A User administrator has a resource scanned, whatever its schedule says; a dry run changes nothing but the list of
 * scans.
 */
export interface DriftCommand {
  readonly type: 'StartDriftScan'
  readonly resourceId: string
  readonly dryRun: boolean
}

/**
 * Queues the scan, under the command's stored id, which is nobody else's and no due scan's: sent twice, it is one scan.
 * A worker finds it there.
 */
export const executeDriftCommand = async (
  tools: CommandTools,
  { resourceId, dryRun, type }: DriftCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const { directory, driftRecords, store, now } = tools
  const { commandId, caller } = outside
  const refusal = unlessPermitted(type, caller.actor, await actorFactsOf(tools, caller, ''))
  if (refusal !== undefined) return refusal
  if (!(await directory.resources([resourceId])).has(resourceId))
    return refused(
      refuse(
        'not-found',
        'resource.not-found',
        `there is no resource ${resourceId} in the directory; check the id, or import it`,
        { resourceId },
      ).refusal,
    )
  const reused = await outside.admit()
  if (reused !== undefined) return refused(reused)
  const { id } = identityOf(envelopeOf(outside))
  const isNew = await driftRecords.request({
    id,
    resourceId,
    dryRun,
    requestedBy: actorKey(caller.actor),
    requestedAt: now(),
  })
  if (!isNew) {
    const before = await driftRecords.scan(id)
    const same = before?.resourceId === resourceId && before.dryRun === dryRun
    if (before !== undefined && !same) return refused(keyReused(commandId))
  }
  return {
    ok: true,
    commandId,
    position: await store.head(),
    repeated: !isNew,
    result: { scanId: id },
  }
}
