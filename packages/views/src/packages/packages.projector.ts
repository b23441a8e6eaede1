import { foldTable } from '../projector/foldTable.ts'
import { type Projection, projection } from '../projector/projection.ts'
import { ofTypes } from '../projector/selectEvents.ts'
import { foldPackage, newPackage, packageEventTypes } from './packages.fold.ts'
import { packages } from './packages.tables.ts'

/**
 * Access packages with their resource roles and policies (S2, S5–S7, S16, S23). Deleted ones stay, so that their
 * history still answers (S24).
 */
export const packagesProjection: Projection = projection({
  name: 'packages',
  version: 3,
  handles: packageEventTypes,
  tables: [packages],
  views: [
    {
      name: 'packages',
      select: (stored) => `select * from ${stored('packages')} where deleted_at is null`,
    },
    { name: 'all_packages', select: (stored) => `select * from ${stored('packages')}` },
    {
      name: 'package_roles',
      select: (stored) => `
        select id as package_id, role->>'resourceId' as resource_id, role->>'roleId' as role_id
        from ${stored('packages')}, jsonb_array_elements(resource_roles) as role where deleted_at is null`,
    },
    {
      name: 'policies',
      select: (stored) => `
        select id as package_id, policy->>'id' as id, (policy->'version')::int as version,
          (policy->'enabled')::boolean as enabled, policy->'terms' as terms
        from ${stored('packages')}, jsonb_array_elements(policies) as policy where deleted_at is null`,
    },
  ],
  open: (place) => {
    const rows = foldTable(place, packages)
    return {
      forget: rows.forget,
      apply: async (events, tx) => {
        const own = ofTypes(events, packageEventTypes)
        await rows.ensure(
          tx,
          own.map((event) => event.data.packageId),
        )
        for (const event of own) {
          rows.put(
            event.type === 'AccessPackageCreated.v1'
              ? newPackage(event)
              : foldPackage(rows.get(event.data.packageId), event),
          )
        }
        await rows.flush(tx)
      },
    }
  },
})
