import type { createBulkHandler, EventStore, Instant, Jobs } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { Connector, DriftPolicy, DriftRecords } from '@portcullis/provisioning'
import type { Projections, Views } from '@portcullis/views'
import type { Log } from '../log.ts'

/** What scans for drift work with. */
export interface DriftDependencies {
  readonly handleMany: ReturnType<typeof createBulkHandler>
  readonly store: EventStore
  readonly directory: Directory
  readonly views: Views
  readonly projections: Pick<Projections, 'waitForView'>
  readonly connectors: ReadonlyMap<string, Connector>
  /** By connector; a connector without one is scanned only when somebody asks. */
  readonly driftPolicies: ReadonlyMap<string, DriftPolicy>
  readonly driftRecords: DriftRecords
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly now: () => Instant
  readonly log: Log
  /** After how long a connector's call is given up. */
  readonly operationMillis: number
}
