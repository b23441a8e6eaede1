import { deriveId, type RecordedEvent } from '@portcullis/core'
import { LEAVERS_STREAM, type PortcullisEvent } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { type EventLog, eventLog } from './eventLog.ts'
import { addAlice, addOthers } from './sampleEntitlements.ts'
import { chat, day, policy, twoStages, wiki } from './sampleEvents.ts'

const addCatalogs = (log: EventLog): void => {
  const catalogId = 'marketing'
  const names = { displayName: 'Маркетинг', description: '“quotes” and \\ and \n lines' }
  log.add(
    'catalog-marketing',
    day(1),
    { type: 'CatalogCreated.v1', data: { catalogId, ownerId: 'dan', ...names } },
    { type: 'CatalogOwnerAdded.v1', data: { catalogId, personId: 'erin' } },
    { type: 'PackageManagerAdded.v1', data: { catalogId, personId: 'frank' } },
    { type: 'ResourceAddedToCatalog.v1', data: { catalogId, resourceId: 'wiki' } },
    { type: 'ResourceAddedToCatalog.v1', data: { catalogId, resourceId: 'chat' } },
    { type: 'ResourceAddedToCatalog.v1', data: { catalogId, resourceId: 'old' } },
  )
  log.add(
    'catalog-marketing',
    day(2),
    { type: 'CatalogRenamed.v1', data: { catalogId, displayName: 'Marketing', description: '' } },
    { type: 'CatalogOwnerRemoved.v1', data: { catalogId, personId: 'dan' } },
    { type: 'PackageManagerRemoved.v1', data: { catalogId, personId: 'frank' } },
    { type: 'ResourceRemovedFromCatalog.v1', data: { catalogId, resourceId: 'old' } },
  )
}

const addPackages = (log: EventLog): void => {
  for (const packageId of ['basics', 'gone']) {
    const names = { displayName: packageId, description: '' }
    log.add(
      `accessPackage-${packageId}`,
      day(2),
      {
        type: 'AccessPackageCreated.v1',
        data: { packageId, catalogId: 'marketing', hidden: false, ...names },
      },
      { type: 'ResourceRoleAdded.v1', data: { packageId, ...wiki, rolesVersion: 1 } },
      {
        type: 'PolicyAdded.v1',
        data: { packageId, ...policy, policyVersion: 1, enabled: true, terms: exampleTerms() },
      },
      {
        type: 'PolicyAdded.v1',
        data: {
          packageId,
          policyId: 'guests',
          policyVersion: 1,
          enabled: false,
          terms: exampleTerms({ requestors: { kind: 'external', directoryIds: ['partner'] } }),
        },
      },
    )
  }
  const packageId = 'basics'
  const policyId = 'guests'
  log.add(
    'accessPackage-basics',
    day(3),
    { type: 'PolicyEnabled.v1', data: { packageId, policyId } },
    {
      type: 'PolicyChanged.v1',
      data: { packageId, policyId: 'standard', policyVersion: 2, terms: twoStages },
    },
    { type: 'AccessPackageHidden.v1', data: { packageId } },
    { type: 'AccessPackageShown.v1', data: { packageId } },
    {
      type: 'AccessPackageRenamed.v1',
      data: { packageId, displayName: 'Basics', description: 'for all' },
    },
    { type: 'ResourceRoleAdded.v1', data: { packageId, ...chat, rolesVersion: 2 } },
    { type: 'ResourceRoleRemoved.v1', data: { packageId, ...chat, rolesVersion: 3 } },
    { type: 'RollOutHeld.v1', data: { packageId, rolesVersion: 4 } },
    { type: 'ResourceRoleAdded.v1', data: { packageId, ...chat, rolesVersion: 4 } },
    { type: 'RollOutCancelled.v1', data: { packageId, rolesVersion: 5, sameAs: 3 } },
    { type: 'ResourceRoleRemoved.v1', data: { packageId, ...chat, rolesVersion: 5 } },
    { type: 'RollOutQueued.v1', data: { packageId, rolesVersion: 6 } },
    { type: 'ResourceRoleAdded.v1', data: { packageId, ...chat, rolesVersion: 6 } },
    { type: 'RollOutStarted.v1', data: { packageId, rolesVersion: 6 } },
    { type: 'RollOutPaused.v1', data: { packageId, rolesVersion: 6 } },
    { type: 'RollOutQueued.v1', data: { packageId, rolesVersion: 7 } },
    { type: 'ResourceRoleRemoved.v1', data: { packageId, ...chat, rolesVersion: 7 } },
    { type: 'RollOutResumed.v1', data: { packageId, rolesVersion: 7 } },
    { type: 'PolicyDisabled.v1', data: { packageId, policyId } },
    { type: 'PolicyRemoved.v1', data: { packageId, policyId } },
  )
  log.add('accessPackage-gone', day(3), {
    type: 'AccessPackageDeleted.v1',
    data: { packageId: 'gone' },
  })
}

const addGrants = (log: EventLog): void => {
  const dn = (id: string) => ({ id: `u-${id}`, member: `uid=${id},ou=people` })
  const readBack = (number: number) => ({ kind: 'read-back', at: day(number) }) as const
  const of = (role: typeof wiki, subjectId: string) => ({ ...role, subjectId })
  const operation = (number: number) => deriveId('operation', number)
  const alice = of(wiki, 'alice')
  const begun = { operation: 'grant', attempt: 1, observed: 'absent', leaseUntil: day(7) } as const
  const revoke = { operation: 'revoke', attempt: 1, observed: 'present' } as const
  log.add(
    'grant-wiki.editor.alice',
    day(6),
    { type: 'HoldAdded.v1', data: { ...alice, assignmentId: 'basics.alice.a1' } },
    { type: 'ProvisioningStarted.v2', data: { ...alice, operationId: operation(1), ...begun } },
    {
      type: 'AccessProvisioned.v2',
      data: {
        ...alice,
        operationId: operation(1),
        attempt: 1,
        account: dn('alice'),
        receipt: readBack(6),
      },
    },
    {
      type: 'DriftFound.v3',
      data: { ...alice, expected: 'present', found: 'absent', repair: 'none', account: null },
    },
    { type: 'DriftGone.v1', data: alice },
  )
  log.add(
    'grant-wiki.editor.alice',
    day(66),
    {
      type: 'HoldReleased.v1',
      data: { ...alice, assignmentId: 'basics.alice.a1', reason: 'assignment-ended' },
    },
    {
      type: 'ProvisioningStarted.v2',
      data: { ...alice, operationId: operation(2), ...revoke, leaseUntil: day(67) },
    },
    {
      type: 'AccessRevoked.v3',
      data: {
        ...alice,
        operationId: operation(2),
        attempt: 1,
        receipt: { kind: 'read-back', at: day(66) },
      },
    },
  )
  const sam = of(chat, 'sam')
  const failed = { code: 'scim.forbidden', message: 'no rights', transient: false, retryAt: null }
  log.add(
    'grant-chat.member.sam',
    day(20),
    { type: 'HoldAdded.v1', data: { ...sam, assignmentId: 'basics.sam.a1' } },
    { type: 'ProvisioningStarted.v2', data: { ...sam, operationId: operation(3), ...begun } },
    {
      type: 'ProvisioningFailed.v1',
      data: { ...sam, operationId: operation(3), operation: 'grant', attempt: 1, ...failed },
    },
  )
  log.add('grant-chat.member.sam', day(21), { type: 'RetryRequested.v1', data: sam })
  const kim = of(chat, 'kim')
  const byHand = { ...kim, operationId: operation(5), operation: 'grant' } as const
  log.add(
    'grant-chat.member.kim',
    day(21),
    { type: 'HoldAdded.v1', data: { ...kim, assignmentId: 'basics.kim.a1' } },
    { type: 'ProvisioningStarted.v2', data: { ...kim, operationId: operation(5), ...begun } },
    { type: 'FulfilmentAwaited.v1', data: { ...byHand, attempt: 1, until: day(35) } },
  )
  log.add(
    'grant-chat.member.kim',
    day(22),
    { type: 'FulfilmentReported.v1', data: { ...byHand, outcome: 'done', message: null } },
    {
      type: 'AccessProvisioned.v2',
      data: { ...kim, operationId: operation(5), attempt: 1, account: null, receipt: null },
    },
  )
  const pat = of(chat, 'pat')
  log.add(
    'grant-chat.member.pat',
    day(21),
    { type: 'HoldAdded.v1', data: { ...pat, assignmentId: 'basics.pat.a1' } },
    {
      type: 'PreexistingAccessFound.v3',
      data: { ...pat, operationId: operation(4), kept: true, account: null },
    },
  )
}

/** A small log with every type of event in it, interleaved as in life. */
export const sampleLog = (): readonly RecordedEvent<PortcullisEvent>[] => {
  const log = eventLog()
  addCatalogs(log)
  addPackages(log)
  addAlice(log)
  addOthers(log)
  addGrants(log)
  log.add(LEAVERS_STREAM, day(36), {
    type: 'LeaverEndingsReleased.v1',
    data: { leftBy: day(36), people: 12 },
  })
  return log.events
}
