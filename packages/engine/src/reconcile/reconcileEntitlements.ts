import { type EventStore, originsOf, type Tracing } from '@portcullis/core'
import {
  type EntitlementState,
  entitlementDecider,
  entitlementStream,
  type ObservedRole,
} from '@portcullis/domain'
import { ENGINE, ENGINE_FACTS } from '../facts/engineFacts.ts'
import { type Case, findCases } from './cases.ts'
import { statusOf } from './claim.ts'
import { endWithPackages } from './endWithPackages.ts'
import { type FollowUps, noteResult } from './followUps.ts'
import { type LoadedGrant, loadGrants } from './grants.ts'
import {
  type ProvisionDependencies,
  type ProvisionResult,
  provisionGrants,
} from './provisionGrants.ts'
import { loadSituations, movedSince, type Situation } from './situation.ts'

export interface ReconcileDependencies extends ProvisionDependencies {
  readonly store: EventStore
  readonly tracing: Tracing
}

/** Somebody changing package and entitlement under us again and again is served by the job that their event caused. */
const MAX_ROUNDS = 5

/**
 * Level-triggered, for one entitlement or many: what is still open of a package that has been deleted ends first (S24);
 * desired roles are those that an assignment confers now; compares with the holds in the grants' streams, adds or
 * releases, provisions what changed, and records what is news. Ends when neither the entitlements nor their packages
 * moved meanwhile.
 * @param followUps gets what is found for others, also when this throws
 */
export const reconcileEntitlements = async (
  dependencies: ReconcileDependencies,
  entitlementIds: readonly string[],
  followUps: FollowUps,
  signal: AbortSignal,
): Promise<void> => {
  let open: readonly string[] = [...new Set(entitlementIds)]
  for (let round = 0; round < MAX_ROUNDS && open.length > 0 && !signal.aborted; round += 1) {
    const situations = await loadSituations(dependencies, open)
    dependencies.tracing.link(
      originsOf(situations.flatMap(({ entitlement }) => entitlement.events.slice(-1))),
    )
    const ended = await endWithPackages(dependencies, situations)
    const left = situations.filter((situation) => !ended.has(situation))
    const recorded = await settle(dependencies, left, followUps, signal)
    const moved = await movedSince(dependencies.store, left, recorded)
    open = [...ended, ...moved].map(({ entitlementId }) => entitlementId)
  }
}

/** Brings all of them to where they should be. @returns by id, the entitlements that it has seen since */
const settle = async (
  dependencies: ReconcileDependencies,
  situations: readonly Situation[],
  followUps: FollowUps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EntitlementState>> => {
  const { cases, tasks } = await findCases(dependencies.store, situations)
  const seen = new Map<string, EntitlementState>()
  const results = new Map<string, LoadedGrant>()
  const casesOn = new Map<string, Case[]>()
  const left = new Map<Case, number>()
  for (const each of cases) {
    left.set(each, each.grantIds.size)
    for (const id of each.grantIds) casesOn.set(id, [...(casesOn.get(id) ?? []), each])
  }
  const done = async (ended: readonly ProvisionResult[]): Promise<void> => {
    const whole: Case[] = []
    for (const result of ended) {
      const { grantId, grant } = result
      results.set(grantId, grant)
      const on = casesOn.get(grantId) ?? []
      noteResult(followUps, result, new Set(on.map(({ situation }) => situation.entitlementId)))
      for (const each of on) {
        const open = (left.get(each) ?? 0) - 1
        left.set(each, open)
        if (open === 0) whole.push(each)
      }
    }
    await record(dependencies, whole, results, seen)
  }
  // Those without any grant are known at once.
  await record(
    dependencies,
    cases.filter(({ grantIds }) => grantIds.size === 0),
    results,
    seen,
  )
  await provisionGrants(dependencies, tasks, done, signal)
  return seen
}

/** Records what became of the roles, where it is news. */
const record = async (
  dependencies: ReconcileDependencies,
  cases: readonly Case[],
  results: ReadonlyMap<string, LoadedGrant>,
  seen: Map<string, EntitlementState>,
): Promise<void> => {
  if (cases.length === 0) return
  const { handleMany, newId } = dependencies
  const grants = await lookOnceMore(dependencies, cases, results)
  const outcomes = await handleMany(
    cases.map(({ situation, assignments }) => ({
      stream: entitlementStream(situation.entitlementId),
      decider: entitlementDecider,
      known: situation.entitlement,
      facts: () => ENGINE_FACTS,
      commands: assignments.map(({ assignmentId, rolesVersion, parts }) => ({
        command: {
          type: 'RecordFulfilment' as const,
          assignmentId,
          rolesVersion,
          roles: parts.map(
            ({ role, grantId, desired }): ObservedRole => ({
              ...role,
              desired,
              status: statusIn(grants, grantId, assignmentId, desired, situation.withheld),
            }),
          ),
        },
        envelope: { commandId: newId(), actor: ENGINE },
      })),
    })),
  )
  for (const [index, { situation }] of cases.entries()) {
    const after = outcomes[index]?.after
    if (after !== undefined && after !== situation.entitlement)
      seen.set(situation.entitlementId, after.state)
  }
}

const statusIn = (
  grants: ReadonlyMap<string, LoadedGrant>,
  grantId: string,
  assignmentId: string,
  desired: boolean,
  withheld: boolean,
): ObservedRole['status'] => {
  const grant = grants.get(grantId)
  return grant === undefined
    ? { kind: 'pending' }
    : statusOf(grant.state, assignmentId, desired, withheld)
}

/**
 * What was on its way when it was looked at is looked at again before it is recorded: of several who share the work,
 * the one who ends last sees what the others did.
 * Else each would record its own part, and nobody the whole.
 */
const lookOnceMore = async (
  { store }: ReconcileDependencies,
  cases: readonly Case[],
  results: ReadonlyMap<string, LoadedGrant>,
): Promise<ReadonlyMap<string, LoadedGrant>> => {
  const pending = cases.flatMap(({ assignments, situation }) =>
    assignments.flatMap(({ assignmentId, parts }) =>
      parts
        .filter(
          (part) =>
            statusIn(results, part.grantId, assignmentId, part.desired, situation.withheld).kind ===
            'pending',
        )
        .map((part) => part.grantId),
    ),
  )
  if (pending.length === 0) return results
  return new Map([...results, ...(await loadGrants(store, pending))])
}
