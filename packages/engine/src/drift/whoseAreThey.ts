import { evidence, type Holder, type TargetAccount } from '@portcullis/provisioning'
import { storable } from '../reconcile/saysOfTarget.ts'
import type { DriftDependencies } from './driftDependencies.ts'

/** Somebody whom the target named: the person, where it is certain who it is; else whom it may be. */
export interface Named {
  readonly holder: Holder
  readonly account: TargetAccount | null
  readonly subjectId: string | null
  readonly candidates: readonly string[]
}

/**
 * Whose the accounts are that a target named. By the same rule as grants and removals go: the account that is kept with
 * a grant, whatever its names are by now; else names that nothing contradicts. Somebody whose grant has kept another
 * account isn't this one.
 */
export const whoseAreThey = async (
  { directory, views }: Pick<DriftDependencies, 'directory' | 'views'>,
  role: { readonly resourceId: string; readonly roleId: string },
  holders: readonly Holder[],
): Promise<readonly Named[]> => {
  const matches = await directory.matchPeople(holders)
  const subjectIds = [...new Set(matches.flat())]
  const accountIds = holders.flatMap(({ account }) => account?.id ?? [])
  const [identities, kept] = await Promise.all([
    directory.identities(subjectIds),
    views.accountsOfRole(role, { accountIds, subjectIds }),
  ])
  const byAccount = new Map(kept.map(({ subjectId, accountId }) => [accountId, subjectId]))
  const accountOf = new Map(kept.map(({ subjectId, accountId }) => [subjectId, accountId]))
  return holders.map((holder, index): Named => {
    const account = storable(holder.account ?? null)
    const known = account?.id == null ? undefined : byAccount.get(account.id)
    if (known !== undefined) return { holder, account, subjectId: known, candidates: [] }
    const speaks = (id: string) => {
      const person = identities.get(id)
      return person === undefined
        ? 'none'
        : evidence({ ...holder, externalId: holder.subjectId }, person)
    }
    const named = (matches[index] ?? []).map((id) => ({ id, says: speaks(id) }))
    const sure = named.filter(({ says }) => says === 'for')
    const open = sure.length > 0 ? sure : named.filter(({ says }) => says === 'none')
    const [only, other] = open
    const candidates = named.map(({ id }) => id)
    if (only === undefined || other !== undefined)
      return { holder, account, subjectId: null, candidates }
    // Their access is at another account.
    const elsewhere = accountOf.get(only.id)
    if (elsewhere !== undefined && account?.id != null && only.says !== 'for')
      return { holder, account, subjectId: null, candidates }
    return { holder, account, subjectId: only.id, candidates: [] }
  })
}
