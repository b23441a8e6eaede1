import { operations } from '@portcullis/api-contract'
import { commandRoute, type Route } from '../route.ts'

/** People who left, and what becomes of what they have. */
export const leaverRoutes: readonly Route[] = [
  commandRoute(operations.releaseLeaverEndings, () => ({ type: 'ReleaseLeaverEndings' })),
]
