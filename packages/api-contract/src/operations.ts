import { accessPackageOperations } from './accessPackages.ts'
import { assignmentOperations } from './assignments.ts'
import { catalogOperations } from './catalogs.ts'
import { directoryOperations } from './directory.ts'
import { driftOperations } from './drift.ts'
import { engineOperations } from './engineOperations.ts'
import { fulfilmentOperations } from './fulfilments.ts'
import { leaverOperations } from './leavers.ts'
import { openProblemOperations } from './openProblems.ts'
import type { Operation } from './operation.ts'
import { policyOperations } from './policies.ts'
import { reprocessOperations } from './reprocess.ts'
import { requestOperations } from './requests.ts'
import { rollOutOperations } from './rollOut.ts'
import { whyOperations } from './why.ts'

/** Everything that the API does, by operation id. */
export const operations = {
  ...catalogOperations,
  ...accessPackageOperations,
  ...whyOperations,
  ...policyOperations,
  ...requestOperations,
  ...assignmentOperations,
  ...rollOutOperations,
  ...reprocessOperations,
  ...openProblemOperations,
  ...fulfilmentOperations,
  ...directoryOperations,
  ...leaverOperations,
  ...driftOperations,
  ...engineOperations,
}

export type OperationId = keyof typeof operations

/** The same as a list, for code that treats them all alike. */
export const allOperations: readonly Operation[] = Object.values(operations)
