import { type Refused, refuse } from '@portcullis/core'
import type { AccessPackageFacts, PackageUse } from './accessPackage.facts.ts'

/** What the package or the policy is still used for, as counted right before. */
export const useOf = (type: string, { use }: AccessPackageFacts): PackageUse => {
  if (use === null)
    throw new Error(`${type} is decided by what is in use, and nobody has counted it`)
  return use
}

const counted = (count: number, one: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]

/**
 * What stands in the way, as in "3 active assignments, 1 scheduled assignment, 2 pending requests"; empty when nothing
 * does.
 */
const inWords = (use: PackageUse): string =>
  [
    ...counted(use.delivering + use.delivered + use.partiallyDelivered, 'active assignment'),
    ...counted(use.scheduled, 'scheduled assignment'),
    ...counted(use.pendingRequests, 'pending request'),
  ].join(', ')

const inNumbers = (use: PackageUse) => ({
  active: use.delivering + use.delivered + use.partiallyDelivered,
  ...use,
})

/** S24: a package goes only when nobody has it, will have it, or waits for it. */
export const unlessPackageUnused = (displayName: string, use: PackageUse): Refused | undefined => {
  const words = inWords(use)
  return words === ''
    ? undefined
    : refuse(
        'conflict',
        'package.in-use',
        `${displayName} can't be deleted while it has ${words} (S24); remove those assignments and cancel those requests first, or hide the package until they have ended.`,
        inNumbers(use),
      )
}

/** S7: what a policy governs goes on under it; it is removed only when nothing does. */
export const unlessPolicyUnused = (policyId: string, use: PackageUse): Refused | undefined => {
  const words = inWords(use)
  return words === ''
    ? undefined
    : refuse(
        'conflict',
        'policy.in-use',
        `Policy ${policyId} can't be removed while it governs ${words}; disable it, so that nobody else can request by it, and remove it when they have ended.`,
        { policyId, ...inNumbers(use) },
      )
}
