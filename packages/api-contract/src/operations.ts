import { accessPackageOperations, policyOperations } from './accessPackages.ts'
import { assignmentOperations } from './assignments.ts'
import { catalogOperations } from './catalogs.ts'
import { engineOperations } from './engineOperations.ts'
import type { Operation } from './operation.ts'
import { requestOperations } from './requests.ts'

/** Everything that the API does, by operation id. */
export const operations = {
  ...catalogOperations,
  ...accessPackageOperations,
  ...policyOperations,
  ...requestOperations,
  ...assignmentOperations,
  ...engineOperations,
}

export type OperationId = keyof typeof operations

/** The same as a list, for whoever treats them all alike. */
export const allOperations: readonly Operation[] = Object.values(operations)
