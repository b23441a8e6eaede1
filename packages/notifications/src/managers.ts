import { fold, type RecordedEvent } from '@portcullis/core'
import {
  type AccessPackageEvent,
  accessPackageStream,
  type CatalogEvent,
  catalogDecider,
  catalogStream,
} from '@portcullis/domain'
import type { MailLookups } from './lookups.ts'

/**
 * Who looks after a package: enabled owners of its catalog and managers of its packages; where there is none, the User
 * administrators. In order of id.
 */
export const managersOf = async (
  { history, directory }: MailLookups,
  packageId: string,
): Promise<readonly string[]> => {
  const ofPackage = (await history(
    accessPackageStream(packageId),
  )) as readonly RecordedEvent<AccessPackageEvent>[]
  const created = ofPackage.find((event) => event.type === 'AccessPackageCreated.v1')
  const ofCatalog =
    created === undefined ? [] : await history(catalogStream(created.data.catalogId))
  const catalog = fold(catalogDecider, ofCatalog as readonly RecordedEvent<CatalogEvent>[])
  const ids = [...new Set([...catalog.ownerIds, ...catalog.packageManagerIds])]
  const enabled = [...(await directory.people(ids)).values()].filter((person) => person.enabled)
  const people = enabled.length > 0 ? enabled : await directory.administrators()
  return people.map(({ id }) => id).sort()
}
