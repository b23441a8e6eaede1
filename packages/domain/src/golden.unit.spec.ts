import { readdirSync, readFileSync } from 'node:fs'
import { fold } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { accessPackageDecider } from './accessPackage/accessPackage.decide.ts'
import { catalogDecider } from './catalog/catalog.decide.ts'
import { entitlementDecider } from './entitlement/entitlement.decide.ts'
import { eventSchemas, eventUpcasters, type PortcullisEvent } from './events.ts'
import { grantDecider } from './grant/grant.decide.ts'

/**
 * Every event version that may be in somebody's log. Only ever add to this list, and never change a golden file: make a
 * new version and an upcaster.
 */
const STORED = [
  'CatalogCreated.v1',
  'CatalogRenamed.v1',
  'CatalogOwnerAdded.v1',
  'CatalogOwnerRemoved.v1',
  'PackageManagerAdded.v1',
  'PackageManagerRemoved.v1',
  'ResourceAddedToCatalog.v1',
  'ResourceRemovedFromCatalog.v1',
  'AccessPackageCreated.v1',
  'AccessPackageRenamed.v1',
  'AccessPackageHidden.v1',
  'AccessPackageShown.v1',
  'ResourceRoleAdded.v1',
  'ResourceRoleRemoved.v1',
  'RollOutQueued.v1',
  'RollOutHeld.v1',
  'RollOutStarted.v1',
  'RollOutPaused.v1',
  'RollOutResumed.v1',
  'RollOutCancelled.v1',
  'PolicyAdded.v1',
  'PolicyChanged.v1',
  'PolicyEnabled.v1',
  'PolicyDisabled.v1',
  'PolicyRemoved.v1',
  'AccessPackageDeleted.v1',
  'RequestSubmitted.v1',
  'RequestAutoApproved.v1',
  'ApprovalGranted.v1',
  'ApprovalDenied.v1',
  'ApprovalTimedOut.v1',
  'RequestCancelled.v1',
  'AssignmentScheduled.v1',
  'AssignmentStarted.v1',
  'RolesDelivered.v1',
  'DeliveryFailed.v1',
  'AssignmentExtended.v1',
  'ExtensionReminderDue.v1',
  'ExtensionReminderSkipped.v1',
  'AssignmentEnded.v1',
  'AssignmentEnded.v2',
  'ApproverMissing.v1',
  'ApproverFound.v1',
  'SubjectLeft.v1',
  'SubjectReturned.v1',
  'StartWithheld.v1',
  'RolesWithheld.v1',
  'RolesRevoked.v1',
  'HoldAdded.v1',
  'HoldReleased.v1',
  'ProvisioningStarted.v1',
  'ProvisioningStarted.v2',
  'FulfilmentAwaited.v1',
  'FulfilmentReported.v1',
  'AccessProvisioned.v1',
  'AccessProvisioned.v2',
  'AccessRevoked.v1',
  'AccessRevoked.v2',
  'AccessRevoked.v3',
  'ProvisioningFailed.v1',
  'RetryRequested.v1',
  'PreexistingAccessFound.v1',
  'PreexistingAccessFound.v2',
  'PreexistingAccessFound.v3',
  'DriftFound.v1',
  'DriftFound.v2',
  'DriftFound.v3',
  'DriftGone.v1',
  'DirectoryImported.v1',
  'LeaverEndingsReleased.v1',
] as const

const FOLDER = new URL('../golden/', import.meta.url)
const read = (type: string): readonly object[] =>
  JSON.parse(readFileSync(new URL(`${type}.json`, FOLDER), 'utf8'))
const upcasters: Readonly<Record<string, { to: string; upcast(data: object): object }>> =
  eventUpcasters
const OLDER = STORED.filter((type) => Object.hasOwn(upcasters, type))
const NEWEST = STORED.filter((type) => !Object.hasOwn(upcasters, type))
const toNewest = (type: string, data: object): { readonly type: string; readonly data: object } => {
  const step = upcasters[type]
  return step === undefined ? { type, data } : toNewest(step.to, step.upcast(data))
}
const schemas: Readonly<Record<string, { parse(data: unknown): object }>> = eventSchemas

describe('golden files', () => {
  it('are of every event version ever stored', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''))
    expect(files.sort()).toEqual([...STORED].sort())
  })

  it('are of every schema', () => {
    expect(
      Object.keys(eventSchemas).filter((type) => !STORED.some((known) => known === type)),
    ).toEqual([])
  })

  it.each(NEWEST)('%s: at least one example, each read without loss', (type) => {
    const examples = read(type)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(schemas[type]?.parse(example)).toStrictEqual(example)
  })

  it.each(OLDER)('%s: at least one example, each brought to the newest version', (type) => {
    const examples = read(type)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const newest = toNewest(type, example)
      expect(schemas[newest.type]?.parse(newest.data)).toStrictEqual(newest.data)
    }
  })

  it.each(NEWEST)('%s: no field may be missing but those that say so', (type) => {
    const optional = type === 'RequestCancelled.v1' ? ['assignmentId'] : []
    for (const example of read(type)) {
      for (const field of Object.keys(example).filter((name) => !optional.includes(name))) {
        const rest = Object.fromEntries(Object.entries(example).filter(([name]) => name !== field))
        expect(() => schemas[type]?.parse(rest), `${type} without ${field}`).toThrow()
      }
    }
  })

  it('fold, in any company, without a throw', () => {
    const events = STORED.flatMap((type) =>
      // What the files hold has been checked against the schemas above.
      read(type).map((data) => toNewest(type, data) as PortcullisEvent),
    )
    const foldAll = (decider: {
      initialState(): unknown
      evolve(state: never, event: never): unknown
    }) => fold(decider as Parameters<typeof fold>[0], [...events, ...events.toReversed()])
    for (const decider of [
      catalogDecider,
      accessPackageDecider,
      entitlementDecider,
      grantDecider,
    ]) {
      expect(foldAll(decider)).toBeTypeOf('object')
    }
  })
})
