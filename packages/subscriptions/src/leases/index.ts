export { type Ownership, readOwners } from './leaseTable.ts'
export { runLeased } from './runLeased.ts'
export type { Lease, LeasedSubscription } from './runner.ts'
