import type { Resource } from '@portcullis/directory'
import type { Connector, DriftPolicy, DriftScan } from '@portcullis/provisioning'

/** One scan, with what it is about. */
export interface Scan {
  readonly scan: DriftScan
  readonly resource: Resource
  readonly connector: Connector
  readonly policy: DriftPolicy
}
