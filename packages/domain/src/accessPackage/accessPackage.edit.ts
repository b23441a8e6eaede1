import { accept, type Decision } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import type { AccessPackageState } from './accessPackage.state.ts'
import { unlessPackageUnused, useOf } from './accessPackage.use.ts'

type Answer = Decision<AccessPackageEvent>

export interface EditAccessPackage {
  readonly type: 'EditAccessPackage'
  readonly packageId: string
  /** Null leaves as it is; this and the next two. */
  readonly displayName: string | null
  readonly description: string | null
  readonly hidden: boolean | null
}

export interface DeleteAccessPackage {
  readonly type: 'DeleteAccessPackage'
  readonly packageId: string
}

/** S23: one command, an event for each thing that changes. */
export const editAccessPackage = (
  { packageId, displayName, description, hidden }: EditAccessPackage,
  state: AccessPackageState,
): Answer => {
  const names = {
    displayName: displayName ?? state.displayName,
    description: description ?? state.description,
  }
  const renamed = names.displayName !== state.displayName || names.description !== state.description
  const events: AccessPackageEvent[] = []
  if (renamed) events.push({ type: 'AccessPackageRenamed.v1', data: { packageId, ...names } })
  if (hidden !== null && hidden !== state.hidden)
    events.push({
      type: hidden ? 'AccessPackageHidden.v1' : 'AccessPackageShown.v1',
      data: { packageId },
    })
  return accept(...events)
}

/** S24: when nobody has it, will have it, or waits for it. */
export const deleteAccessPackage = (
  { type, packageId }: DeleteAccessPackage,
  { displayName }: AccessPackageState,
  facts: AccessPackageFacts,
): Answer =>
  unlessPackageUnused(displayName, useOf(type, facts)) ??
  accept({ type: 'AccessPackageDeleted.v1', data: { packageId } })
