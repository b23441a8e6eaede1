import { catalogsProjection } from '../catalogs/catalogs.projector.ts'
import { commandKeysProjection } from '../commandKeys/commandKeys.projector.ts'
import { deadlinesProjection } from '../deadlines/deadlines.projector.ts'
import { entitlementsProjection } from '../entitlements/entitlements.projector.ts'
import { grantsProjection } from '../grants/grants.projector.ts'
import { packagesProjection } from '../packages/packages.projector.ts'
import type { Projection } from '../projector/projection.ts'

export const allProjections: readonly Projection[] = [
  catalogsProjection,
  packagesProjection,
  entitlementsProjection,
  grantsProjection,
  deadlinesProjection,
  commandKeysProjection,
]
