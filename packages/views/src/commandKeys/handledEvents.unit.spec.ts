import { eventSchemas, type PortcullisEvent } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import { LIVE_SCHEMA } from '../projections/names.ts'
import { commandKeysProjection } from './commandKeys.projector.ts'

type EventType = PortcullisEvent['type']

/**
 * Events that commands from outside leave as well, but never alone: of each command, the view is told by another one.
 */
const IN_COMPANY: readonly EventType[] = [
  'RequestAutoApproved.v1',
  'AssignmentScheduled.v1',
  'AssignmentStarted.v1',
  'AssignmentExtended.v1',
  'ApproverMissing.v1',
  'AccessProvisioned.v2',
  'AccessRevoked.v3',
  'ProvisioningFailed.v1',
]

/** Events of timers, jobs, scans and connectors; and of imports, whose streams take no commands. */
const NEVER_FROM_OUTSIDE: readonly EventType[] = [
  'RollOutStarted.v1',
  'ApprovalTimedOut.v1',
  'RolesDelivered.v1',
  'DeliveryFailed.v1',
  'RolesRevoked.v1',
  'ExtensionReminderDue.v1',
  'ExtensionReminderSkipped.v1',
  'ApproverFound.v1',
  'SubjectLeft.v1',
  'SubjectReturned.v1',
  'StartWithheld.v1',
  'RolesWithheld.v1',
  'HoldAdded.v1',
  'HoldReleased.v1',
  'ProvisioningStarted.v2',
  'FulfilmentAwaited.v1',
  'PreexistingAccessFound.v3',
  'DriftFound.v3',
  'DriftGone.v1',
  'DirectoryImported.v1',
]

// That these lists say what is so is looked at where commands run: in the engine's simulation (promise 6), and after
// all operations of the permission matrix.
describe('the events that tell the view of command keys of a command', () => {
  it('are all that one from outside can leave alone: whoever adds an event says here which it is', () => {
    const { handles } = commandKeysProjection.in(LIVE_SCHEMA)
    const sorted = [...handles, ...IN_COMPANY, ...NEVER_FROM_OUTSIDE].sort()
    expect(sorted).toEqual(Object.keys(eventSchemas).sort())
  })
})
