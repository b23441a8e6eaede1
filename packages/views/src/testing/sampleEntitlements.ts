import type { EventLog } from './eventLog.ts'
import {
  autoApproved,
  basis,
  chat,
  day,
  granted,
  policy,
  started,
  submitted,
  twoStages,
  wiki,
} from './sampleEvents.ts'

/** Alice: two stages, partly delivered, delivered, extended, a pending extension cut off by the end, revoked. */
export const addAlice = (log: EventLog): void => {
  const stream = 'entitlement-basics.alice'
  const requestId = 'basics.alice.r1'
  const assignmentId = 'basics.alice.a1'
  const who = { packageId: 'basics', subjectId: 'alice' }
  log.add(stream, day(4), submitted({ ...who, terms: twoStages, decideBy: day(18) }))
  log.add(stream, day(5), granted(requestId, 1, { stage: 2, decideBy: day(12) }))
  log.add(stream, day(6), granted(requestId, 2), started('basics', 'alice', day(6), day(36)))
  log.add(
    stream,
    day(6),
    {
      type: 'RolesDelivered.v1',
      data: {
        assignmentId,
        roles: [{ ...wiki, preexisting: false }],
        complete: false,
        rolesVersion: 2,
      },
    },
    {
      type: 'DeliveryFailed.v1',
      data: {
        assignmentId,
        roles: [
          { ...chat, code: 'scim.timeout', message: 'no answer', transient: true, attempts: 2 },
        ],
        rolesVersion: 2,
      },
    },
    { type: 'RolesWithheld.v1', data: { assignmentId, roles: [chat], rolesVersion: 2 } },
  )
  log.add(
    stream,
    day(7),
    {
      type: 'RolesDelivered.v1',
      data: {
        assignmentId,
        roles: [{ ...chat, preexisting: true }],
        complete: true,
        rolesVersion: 2,
      },
    },
    {
      type: 'RolesRevoked.v1',
      data: { assignmentId, roles: [{ ...chat, kept: null }], complete: true, rolesVersion: 3 },
    },
  )
  log.add(stream, day(35), {
    type: 'ExtensionReminderDue.v1',
    data: { assignmentId, endVersion: 1, offset: 'P1D', endAt: day(36) },
  })
  log.add(
    stream,
    day(35),
    submitted({ ...who, number: 2, kind: 'extension', assignmentId }),
    autoApproved('basics.alice.r2'),
    {
      type: 'AssignmentExtended.v1',
      data: {
        assignmentId,
        requestId: 'basics.alice.r2',
        previousEndAt: day(36),
        endAt: day(66),
        endVersion: 2,
        reminders: [{ offset: 'P14D', at: day(52) }],
      },
    },
  )
  log.add(stream, day(53), {
    type: 'ExtensionReminderSkipped.v1',
    data: { assignmentId, endVersion: 2, offset: 'P14D', reason: 'later-reminder-due' },
  })
  const extension = { ...who, number: 3, kind: 'extension', assignmentId } as const
  log.add(stream, day(60), submitted({ ...extension, decideBy: day(74) }))
  log.add(
    stream,
    day(66),
    {
      type: 'AssignmentEnded.v2',
      data: {
        assignmentId,
        reason: 'expired',
        by: 'engine',
        justification: null,
        endAt: day(66),
      },
    },
    {
      type: 'RequestCancelled.v1',
      data: { requestId: 'basics.alice.r3', by: 'engine', reason: 'the assignment has ended' },
    },
  )
  log.add(stream, day(67), {
    type: 'RolesRevoked.v1',
    data: { assignmentId, roles: [{ ...wiki, kept: null }], complete: true, rolesVersion: 3 },
  })
}

export const addOthers = (log: EventLog): void => {
  const who = (subjectId: string) => ({ packageId: 'basics', subjectId, decideBy: day(18) })
  log.add('entitlement-basics.denise', day(4), submitted(who('denise')))
  log.add('entitlement-basics.denise', day(5), {
    type: 'ApprovalDenied.v1',
    data: {
      requestId: 'basics.denise.r1',
      stage: 1,
      approverId: 'bob',
      basis,
      justification: 'not yours',
    },
  })
  log.add('entitlement-basics.theo', day(4), submitted(who('theo')))
  log.add('entitlement-basics.theo', day(18), {
    type: 'ApprovalTimedOut.v1',
    data: { requestId: 'basics.theo.r1', stage: 1, decideBy: day(18) },
  })
  log.add('entitlement-basics.pia', day(5), submitted({ ...who('pia'), terms: twoStages }))
  for (const subjectId of ['sam', 'sid']) {
    const requestId = `basics.${subjectId}.r1`
    const assignmentId = `basics.${subjectId}.a1`
    log.add(
      `entitlement-basics.${subjectId}`,
      day(6),
      submitted({ packageId: 'basics', subjectId, kind: 'direct' }),
      autoApproved(requestId),
      {
        type: 'AssignmentScheduled.v1',
        data: {
          ...policy,
          assignmentId,
          requestId,
          packageId: 'basics',
          subjectId,
          startAt: day(20),
          endAt: day(90),
        },
      },
    )
  }
  log.add('entitlement-basics.sid', day(7), {
    type: 'RequestCancelled.v1',
    data: {
      requestId: 'basics.sid.r1',
      by: 'carol',
      reason: null,
      assignmentId: 'basics.sid.a1',
    },
  })
  // Had left by then, and was back at once.
  log.add('entitlement-basics.sam', day(20), {
    type: 'StartWithheld.v1',
    data: { assignmentId: 'basics.sam.a1', startAt: day(20), endAt: day(90) },
  })
  log.add('entitlement-basics.sam', day(20), started('basics', 'sam', day(20), day(90)))
}
