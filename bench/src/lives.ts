import { deriveId, eventId, type NewEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'

const BEGIN = Date.UTC(2026, 0, 5, 9)
const at = (minutes: number): string => new Date(BEGIN + minutes * 60_000).toISOString()

const basis = { kind: 'group', id: 'eng' } as const
const terms = exampleTerms()
const ROLES = [
  { resourceId: 'wiki', roleId: 'editor' },
  { resourceId: 'chat', roleId: 'member' },
]

/** One append: a stream, its revision before, and the events. */
export interface Append {
  readonly stream: string
  readonly revision: number
  readonly events: readonly NewEvent[]
}

interface Step {
  readonly stream: string
  readonly events: readonly PortcullisEvent[]
}

/** A subject's way through a package: request, approval, delivery of two roles; every third one also to the end. */
const lifeOf = (packageId: string, number: number): readonly (readonly Step[])[] => {
  const subjectId = `person-${number}`
  const entitlement = `${packageId}.${subjectId}`
  const stream = `entitlement-${entitlement}`
  const requestId = `${entitlement}.r1`
  const assignmentId = `${entitlement}.a1`
  const policy = { policyId: 'standard', policyVersion: 1 }
  const grants = ROLES.map((role, index) => ({
    stream: `grant-${role.resourceId}.${role.roleId}.${subjectId}`,
    grant: { ...role, subjectId },
    operation: (kind: string) => deriveId('bench', kind, number, index),
  }))
  const steps: Step[][] = [
    [
      {
        stream,
        events: [
          {
            type: 'RequestSubmitted.v1',
            data: {
              ...policy,
              requestId,
              kind: 'new',
              packageId,
              subjectId,
              requestorId: subjectId,
              terms,
              basis,
              justification: 'Needed for the launch of the new catalogue next month.',
              startAt: null,
              endAt: null,
              assignmentId: null,
              approval: { stage: 1, decideBy: at(20_160) },
            },
          },
        ],
      },
    ],
    [
      {
        stream,
        events: [
          {
            type: 'ApprovalGranted.v1',
            data: {
              requestId,
              stage: 1,
              approverId: 'bob',
              basis,
              justification: null,
              next: null,
            },
          },
          {
            type: 'AssignmentStarted.v1',
            data: {
              ...policy,
              assignmentId,
              requestId,
              packageId,
              subjectId,
              startedAt: at(60),
              endAt: at(43_260),
              endVersion: 1,
              reminders: [
                { offset: 'P14D', at: at(23_100) },
                { offset: 'P1D', at: at(41_820) },
              ],
            },
          },
        ],
      },
    ],
    grants.map(({ stream: target, grant, operation }) => ({
      stream: target,
      events: [
        { type: 'HoldAdded.v1', data: { ...grant, assignmentId } },
        {
          type: 'ProvisioningStarted.v2',
          data: {
            ...grant,
            operationId: operation('grant'),
            operation: 'grant',
            attempt: 1,
            observed: 'absent',
            leaseUntil: at(65),
          },
        },
      ],
    })),
    grants.map(({ stream: target, grant, operation }) => ({
      stream: target,
      events: [
        {
          type: 'AccessProvisioned.v2',
          data: {
            ...grant,
            operationId: operation('grant'),
            attempt: 1,
            account: null,
            receipt: { kind: 'read-back', at: at(1) },
          },
        },
      ],
    })),
    [
      {
        stream,
        events: [
          {
            type: 'RolesDelivered.v1',
            data: {
              assignmentId,
              roles: ROLES.map((role) => ({ ...role, preexisting: false })),
              complete: true,
              rolesVersion: 2,
            },
          },
        ],
      },
    ],
  ]
  if (number % 3 !== 0) return steps
  const end: PortcullisEvent = {
    type: 'AssignmentEnded.v2',
    data: { assignmentId, reason: 'expired', by: 'timer', justification: null, endAt: at(43_260) },
  }
  const gone: PortcullisEvent = {
    type: 'RolesRevoked.v1',
    data: {
      assignmentId,
      roles: ROLES.map((role) => ({ ...role, kept: null })),
      complete: true,
      rolesVersion: 2,
    },
  }
  return [
    ...steps,
    [{ stream, events: [end] }],
    grants.map(({ stream: target, grant, operation }) => ({
      stream: target,
      events: [
        {
          type: 'HoldReleased.v1',
          data: { ...grant, assignmentId, reason: 'assignment-ended' },
        },
        {
          type: 'ProvisioningStarted.v2',
          data: {
            ...grant,
            operationId: operation('revoke'),
            operation: 'revoke',
            attempt: 1,
            observed: 'present',
            leaseUntil: at(43_265),
          },
        },
        {
          type: 'AccessRevoked.v3',
          data: {
            ...grant,
            operationId: operation('revoke'),
            attempt: 1,
            receipt: { kind: 'read-back', at: at(43_261) },
          },
        },
      ],
    })),
    [{ stream, events: [gone] }],
  ]
}

/**
 * The appends of so many people's way through one package, as they would interleave: `abreast` of them are under way at
 * any time, each step after the others' step.
 */
export function* lives(people: number, abreast: number): Generator<readonly Append[]> {
  const revisions = new Map<string, number>()
  const append = ({ stream, events }: Step): Append => {
    const revision = revisions.get(stream) ?? 0
    revisions.set(stream, revision + events.length)
    const commandId = deriveId('bench', stream, revision)
    const metadata = {
      commandId,
      correlationId: commandId,
      actor: { kind: 'system', id: 'engine' },
      at: at(revision),
    } as const
    return {
      stream,
      revision,
      events: events.map((event, index) => ({
        ...event,
        id: eventId(commandId, stream, index),
        metadata,
      })),
    }
  }
  for (let first = 0; first < people; first += abreast) {
    const group = Array.from({ length: Math.min(abreast, people - first) }, (_, index) =>
      lifeOf('sales-tools', first + index),
    )
    const longest = Math.max(...group.map((life) => life.length))
    for (let step = 0; step < longest; step += 1) {
      yield group.flatMap((life) => life[step] ?? []).map(append)
    }
  }
}
