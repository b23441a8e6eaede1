import { accept, type Decision, refuse } from '@portcullis/core'
import type { CatalogEvent } from '../events.ts'
import type { CatalogFacts } from './catalog.facts.ts'
import type { CatalogState } from './catalog.state.ts'

type Answer = Decision<CatalogEvent>

export interface AddOrRemovePerson {
  readonly type:
    | 'AddCatalogOwner'
    | 'RemoveCatalogOwner'
    | 'AddPackageManager'
    | 'RemovePackageManager'
  readonly catalogId: string
  readonly personId: string
}

const ifPersonExists = (personId: string, facts: CatalogFacts, go: () => Answer): Answer =>
  facts.personExists === true
    ? go()
    : refuse(
        'not-found',
        'catalog.person-not-found',
        `The directory knows nobody with the id ${personId}; check the id, or import the person first.`,
        { personId },
      )

/** Who manages the catalog (S1), and to whom its owners delegate its packages (S3). */
export const addOrRemovePerson = (
  { type, catalogId, personId }: AddOrRemovePerson,
  state: CatalogState,
  facts: CatalogFacts,
): Answer => {
  switch (type) {
    case 'AddCatalogOwner':
      if (state.ownerIds.includes(personId)) return accept()
      return ifPersonExists(personId, facts, () =>
        accept({ type: 'CatalogOwnerAdded.v1', data: { catalogId, personId } }),
      )
    case 'RemoveCatalogOwner':
      if (!state.ownerIds.includes(personId)) return accept()
      return state.ownerIds.length === 1
        ? refuse(
            'not-allowed',
            'catalog.last-owner',
            `${personId} is the last owner of ${state.displayName}, and a catalog keeps at least one; add another owner first.`,
          )
        : accept({ type: 'CatalogOwnerRemoved.v1', data: { catalogId, personId } })
    case 'AddPackageManager':
      if (state.packageManagerIds.includes(personId)) return accept()
      return ifPersonExists(personId, facts, () =>
        accept({ type: 'PackageManagerAdded.v1', data: { catalogId, personId } }),
      )
    case 'RemovePackageManager':
      return state.packageManagerIds.includes(personId)
        ? accept({ type: 'PackageManagerRemoved.v1', data: { catalogId, personId } })
        : accept()
    default:
      return type satisfies never
  }
}
