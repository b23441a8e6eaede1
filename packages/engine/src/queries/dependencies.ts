import type { Clock, EventStore, Tracing } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { DriftRecords } from '@portcullis/provisioning'
import type { Projections, Views } from '@portcullis/views'
import type { Reactors } from '../reactors.ts'

/** What queries are answered from. */
export interface QueryDependencies {
  readonly store: EventStore
  readonly clock: Clock
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly reactors: Reactors
  readonly driftRecords: DriftRecords
  readonly tracing?: Tracing
}
