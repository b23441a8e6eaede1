import {
  type Actor,
  type Decision,
  type DecisionContext,
  deriveId,
  eventId,
  fold,
} from '@portcullis/core'
import { deepFreeze, fakeClock } from '@portcullis/core/testing'
import {
  type AccessPackageCommand,
  type AccessPackageEvent,
  type AccessPackageFacts,
  accessPackageDecider,
  accessPackageStream,
  type EntitlementCommand,
  type EntitlementEvent,
  type EntitlementFacts,
  entitlementDecider,
  entitlementStream,
  type GrantCommand,
  type GrantEvent,
  type GrantState,
  grantDecider,
  grantStream,
  type ObservedRole,
  type PortcullisEvent,
  parseAssignmentId,
  parseGrantId,
} from '@portcullis/domain'
import { ENGINE_ACTOR, exampleFacts, USER_ADMINISTRATOR, user } from '@portcullis/domain/testing'
import type { LogEvent } from './logEvent.ts'

/** Sends commands through the deciders themselves and keeps the log that comes of it: a legal one by construction. */
export interface Story {
  readonly log: readonly LogEvent[]
  /** The access that the targets hold now. */
  readonly memberships: Set<string>
  readonly clock: ReturnType<typeof fakeClock>
  readonly accessPackage: (command: AccessPackageCommand) => void
  readonly entitlement: (
    id: string,
    command: EntitlementCommand,
    actor?: Actor,
    facts?: EntitlementFacts,
  ) => void
  readonly grant: (id: string, command: GrantCommand) => GrantState
  /** One operation that succeeds, or finds access that was there before. */
  readonly operate: (grantId: string) => GrantState
  /** Holds, operates and records, as reconcile does. */
  readonly deliver: (assignmentId: string, grantIds: readonly string[], version: number) => void
  readonly release: (
    assignmentId: string,
    grantIds: readonly string[],
    version: number,
    reason: 'assignment-ended' | 'role-removed',
  ) => void
}

const OLGA = user('olga')
const UNUSED = {
  pendingRequests: 0,
  scheduled: 0,
  delivering: 0,
  delivered: 0,
  partiallyDelivered: 0,
}

export const createStory = (start: string, before: readonly string[]): Story => {
  const clock = fakeClock(start)
  const log: LogEvent[] = []
  const memberships = new Set(before)
  let commands = 0

  /** Decides on the stream's history and appends what comes of it. */
  const send = (
    stream: string,
    actor: Actor,
    decide: (history: readonly LogEvent[], context: DecisionContext) => Decision<PortcullisEvent>,
  ): void => {
    const history = log.filter((event) => event.stream === stream)
    const decision = decide(history, { now: clock.now(), actor })
    if (!decision.ok) throw new Error(`${decision.refusal.code}: ${decision.refusal.message}`)
    commands += 1
    const commandId = deriveId('story', commands)
    for (const [index, event] of decision.events.entries())
      log.push(
        deepFreeze({
          ...event,
          id: eventId(commandId, stream, index),
          metadata: { commandId, correlationId: commandId, actor, at: clock.now() },
          stream,
          revision: BigInt(history.length + index),
          position: BigInt(log.length + 1),
        }),
      )
  }

  const idsOf = (grantId: string) => {
    const ids = parseGrantId(grantId)
    if (ids === undefined) throw new Error(`${grantId} is not the id of a grant`)
    return ids
  }

  const story: Story = {
    log,
    memberships,
    clock,
    // A stream holds the events of its own decider only, so the casts say what is so.
    accessPackage: (command) => {
      const resourceIds = ['repo', 'wiki']
      const facts: AccessPackageFacts = {
        actor: USER_ADMINISTRATOR,
        catalog: { exists: true, displayName: 'Infra', resourceIds },
        resources: resourceIds.map((resourceId) => ({
          resourceId,
          exists: true,
          roleIds: ['member', 'reader'],
        })),
        unknownPrincipals: [],
        refusedDirectories: [],
        // As nobody has counted it yet: what is on its way in may be missed (S24).
        use: UNUSED,
        rollingOut: null,
      }
      const actor = command.type === 'StartRollOut' ? ENGINE_ACTOR : OLGA
      send(accessPackageStream(command.packageId), actor, (history, context) => {
        const state = fold(accessPackageDecider, history as readonly AccessPackageEvent[])
        return accessPackageDecider.decide(command, state, context, facts)
      })
    },
    entitlement: (id, command, actor = ENGINE_ACTOR, facts = exampleFacts()) => {
      send(entitlementStream(id), actor, (history, context) => {
        const state = fold(entitlementDecider, history as readonly EntitlementEvent[])
        return entitlementDecider.decide(command, state, context, facts)
      })
    },
    grant: (id, command) => {
      const stream = grantStream(id)
      const folded = (history: readonly LogEvent[]) =>
        fold(grantDecider, history as readonly GrantEvent[])
      send(stream, ENGINE_ACTOR, (history, context) =>
        grantDecider.decide(command, folded(history), context, idsOf(id)),
      )
      return folded(log.filter((event) => event.stream === stream))
    },
    operate: (id) => {
      const operationId = deriveId('operation', log.length)
      const observed = memberships.has(id) ? 'present' : 'absent'
      const history = log.filter((event) => event.stream === grantStream(id))
      const lookedAt = fold(grantDecider, history as readonly GrantEvent[]).news
      const started = story.grant(id, {
        type: 'StartOperation',
        operationId,
        observed,
        lookedAt,
        leaseMillis: 60_000,
      })
      if (started.inFlight === null) return started
      if (started.inFlight.operation === 'grant') memberships.add(id)
      else memberships.delete(id)
      const readBack = memberships.has(id) ? 'present' : 'absent'
      const readAt = clock.now()
      return story.grant(id, { type: 'CompleteOperation', operationId, readBack, readAt })
    },
    deliver: (assignmentId, grantIds, rolesVersion) => {
      const roles = grantIds.map((id): ObservedRole => {
        story.grant(id, { type: 'AddHold', assignmentId })
        const { preexisting } = story.operate(id)
        const status = { kind: 'delivered', preexisting } as const
        return { ...idsOf(id), desired: true, status }
      })
      record(assignmentId, rolesVersion, roles)
    },
    release: (assignmentId, grantIds, rolesVersion, reason) => {
      const roles = grantIds.map((id): ObservedRole => {
        story.grant(id, { type: 'ReleaseHold', assignmentId, reason })
        const { holders, preexisting } = story.operate(id)
        const kept = holders.length > 0 ? 'other-assignment' : preexisting ? 'preexisting' : null
        return { ...idsOf(id), desired: false, status: { kind: 'revoked', kept } }
      })
      record(assignmentId, rolesVersion, roles)
    },
  }
  const record = (
    assignmentId: string,
    rolesVersion: number,
    roles: readonly ObservedRole[],
  ): void => {
    const command = { type: 'RecordFulfilment', assignmentId, rolesVersion, roles } as const
    story.entitlement(parseAssignmentId(assignmentId)?.entitlementId ?? '', command)
  }
  return story
}
