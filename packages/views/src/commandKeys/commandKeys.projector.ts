import { addMillis, type Instant } from '@portcullis/core'
import { type Projection, projection, type ViewEvent, wholeTable } from '../projector/projection.ts'
import { pathOf, type RowTable, upsertInto } from '../projector/rowTable.ts'

/** How long a key is known in all streams, milliseconds: twice the day that is promised. */
export const KEY_KEPT_MILLIS = 48 * 3_600_000

interface UsedKey {
  /** The command's stored id, which is made of who sent it and the key. */
  readonly id: string
  readonly digest: string
  readonly at: Instant
}

const commandKeys: RowTable<UsedKey> = {
  name: 'command_keys',
  columns: [
    { name: 'key', type: 'text', of: ({ id }) => id },
    { name: 'digest', type: 'text', of: ({ digest }) => digest },
    { name: 'at', type: 'text', of: ({ at }) => at },
  ],
  indexes: { at: '(at)' },
}

/**
 * Which commands from outside there were of late, so that a key isn't used for another one in another stream.
 * A row goes once an event of more than {@link KEY_KEPT_MILLIS} later has come, whatever the clock says, and however
 * events come in batches: so a log that is read again gives the same rows, and a clock that was ahead for a while
 * forgets what was before, not what comes after.
 */
export const commandKeysProjection: Projection = projection({
  name: 'command_keys',
  version: 1,
  // At least one of what each command from outside leaves.
  handles: [
    'CatalogCreated.v1',
    'CatalogRenamed.v1',
    'CatalogOwnerAdded.v1',
    'CatalogOwnerRemoved.v1',
    'PackageManagerAdded.v1',
    'PackageManagerRemoved.v1',
    'ResourceAddedToCatalog.v1',
    'ResourceRemovedFromCatalog.v1',
    'AccessPackageCreated.v1',
    'AccessPackageRenamed.v1',
    'AccessPackageHidden.v1',
    'AccessPackageShown.v1',
    'ResourceRoleAdded.v1',
    'ResourceRoleRemoved.v1',
    'RollOutQueued.v1',
    'RollOutHeld.v1',
    'RollOutPaused.v1',
    'RollOutResumed.v1',
    'RollOutCancelled.v1',
    'PolicyAdded.v1',
    'PolicyChanged.v1',
    'PolicyEnabled.v1',
    'PolicyDisabled.v1',
    'PolicyRemoved.v1',
    'AccessPackageDeleted.v1',
    'RequestSubmitted.v1',
    'ApprovalGranted.v1',
    'ApprovalDenied.v1',
    'RequestCancelled.v1',
    'AssignmentEnded.v2',
    'FulfilmentReported.v1',
    'RetryRequested.v1',
    'LeaverEndingsReleased.v1',
  ],
  tables: [commandKeys],
  views: [wholeTable('command_keys')],
  open: (place) => {
    const save = upsertInto(place, commandKeys)
    const table = pathOf(place, commandKeys)
    return {
      forget: () => {},
      apply: async (events, tx) => {
        const { used, gone, keptFrom } = keysOf(events)
        await tx.query(`delete from ${table} where at < $1`, [keptFrom])
        if (gone.length > 0)
          await tx.query(`delete from ${table} where key = any($1::text[])`, [gone])
        await save(tx, used)
      },
    }
  },
})

interface Keys {
  /** The last use of each. */
  readonly used: readonly UsedKey[]
  /** Those whose last use events behind it make too old. */
  readonly gone: readonly string[]
  /** The same for those of earlier batches, by when they were used. */
  readonly keptFrom: Instant
}

const keysOf = (events: readonly ViewEvent[]): Keys => {
  const used = new Map<string, UsedKey>()
  const gone = new Set<string>()
  let keptFrom: Instant = ''
  let latest: Instant = ''
  for (const { metadata } of events.toReversed()) {
    const { at, digest, outerId, commandId } = metadata
    if (at > latest) {
      latest = at
      keptFrom = addMillis(at, -KEY_KEPT_MILLIS)
    }
    const id = outerId ?? commandId
    if (digest === undefined || used.has(id) || gone.has(id)) continue
    if (at < keptFrom) gone.add(id)
    else used.set(id, { id, digest, at })
  }
  return { used: [...used.values()], gone: [...gone], keptFrom }
}
