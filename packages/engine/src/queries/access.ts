import { actorKey } from '@portcullis/core'
import type { Directory, Person } from '@portcullis/directory'
import type { Views } from '@portcullis/views'
import type { Caller } from '../application.ts'
import { directoryRolesOf, personOf } from '../commands/facts.ts'

/** What a caller may see (S3): everything, what is in their catalogs, what is theirs, what waits for them. */
export interface Sight {
  readonly callerId: string
  readonly person: Person | undefined
  /** User administrator: sees everything. */
  readonly everything: boolean
  readonly groupIds: readonly string[]
  /** Catalogs that they own or manage packages in. */
  readonly catalogIds: readonly string[]
}

export const sightOf = async (
  { directory, views }: { readonly directory: Directory; readonly views: Views },
  caller: Caller,
): Promise<Sight> => {
  const person = await personOf(directory, caller.actor)
  const roles = directoryRolesOf(caller, person)
  const callerId = actorKey(caller.actor)
  const everything = roles.includes('UserAdministrator')
  if (!person?.enabled) return { callerId, person, everything, groupIds: [], catalogIds: [] }
  const [groupIds, catalogs] = await Promise.all([
    directory.groupsOf(person.id),
    everything ? [] : views.catalogsOf(person.id),
  ])
  return { callerId, person, everything, groupIds, catalogIds: catalogs.map(({ id }) => id) }
}

/** Is the package with everything about it theirs to see? */
export const managesPackage = async (
  views: Views,
  sight: Sight,
  packageId: string,
): Promise<boolean> => {
  if (sight.everything) return true
  if (sight.catalogIds.length === 0) return false
  const found = await views.package(packageId)
  return found !== undefined && sight.catalogIds.includes(found.catalogId)
}
