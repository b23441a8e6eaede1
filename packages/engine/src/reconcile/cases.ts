import type { EventStore } from '@portcullis/core'
import {
  type AssignmentState,
  conferredVersion,
  type GrantCommand,
  grantId,
} from '@portcullis/domain'
import { claimOf, needsWork } from './claim.ts'
import { type LoadedGrant, loadGrants } from './grants.ts'
import type { GrantTask } from './provisionGrants.ts'
import { movedPackages, type Situation } from './situation.ts'

/** One assignment and one of its grants. */
interface Part {
  readonly role: { readonly resourceId: string; readonly roleId: string }
  readonly grantId: string
  readonly desired: boolean
  /** Of its hold. */
  readonly change: GrantCommand | null
}

/** An entitlement with something to look after: its assignments, and the grants of each. */
export interface Case {
  readonly situation: Situation
  readonly assignments: readonly {
    readonly assignmentId: string
    /** Of the package's roles that it confers now. */
    readonly rolesVersion: number
    readonly parts: readonly Part[]
  }[]
  /** Grants of all of them, each once. */
  readonly grantIds: ReadonlySet<string>
}

/**
 * Finds what each entitlement has to look after, and what changes of holds on each grant.
 * What a new assignment confers is held before an old one lets go: access that stays isn't interrupted.
 * One whose package has moved meanwhile is left out where that might take something away.
 */
export const findCases = async (
  store: EventStore,
  situations: readonly Situation[],
): Promise<{ readonly cases: readonly Case[]; readonly tasks: readonly GrantTask[] }> => {
  const busy = situations.filter(({ entitlement }) =>
    entitlement.state.assignments.some((each) => needsWork(each) || isOver(each)),
  )
  const grants = await loadGrants(store, busy.flatMap(grantIdsOf))
  const found = busy.flatMap((situation): Case[] => {
    const assignments = openAssignments(situation, grants).map((assignment) => ({
      assignmentId: assignment.assignmentId,
      rolesVersion: conferredVersion(situation.inPackage.loaded.state, assignment),
      parts: partsOf(situation, assignment, grants),
    }))
    const ids = assignments.flatMap(({ parts }) => parts.map((part) => part.grantId))
    return assignments.length === 0 ? [] : [{ situation, assignments, grantIds: new Set(ids) }]
  })
  const cases = await withoutOutdated(store, found)
  return { cases, tasks: tasksOf(cases, grants) }
}

/**
 * The grants were read after the packages: a hold of a role that a package doesn't confer may be one that somebody has
 * added since, who knew more of the package than this reconcile does.
 * Unless the package is still as it was, nothing is taken away by it; the next round sees both (promise 4).
 */
const withoutOutdated = async (
  store: EventStore,
  cases: readonly Case[],
): Promise<readonly Case[]> => {
  const taking = new Set(cases.filter(takesAway))
  if (taking.size === 0) return cases
  const moved = await movedPackages(
    store,
    [...taking].map(({ situation }) => situation),
  )
  return cases.filter((each) => !taking.has(each) || !moved.has(each.situation.inPackage))
}

const takesAway = ({ assignments }: Case): boolean =>
  assignments.some(({ parts }) =>
    parts.some(({ change }) => change?.type === 'ReleaseHold' && change.reason === 'role-removed'),
  )

/** What to do about each grant, each once: holds are added before others are released. */
const tasksOf = (
  cases: readonly Case[],
  grants: ReadonlyMap<string, LoadedGrant>,
): readonly GrantTask[] => {
  const holds = new Map<
    string,
    { readonly added: GrantCommand[]; readonly released: GrantCommand[] }
  >()
  for (const { assignments } of cases)
    for (const { parts } of assignments)
      for (const { grantId: id, change } of parts) {
        const changes = holds.get(id) ?? { added: [], released: [] }
        if (change !== null)
          (change.type === 'AddHold' ? changes.added : changes.released).push(change)
        holds.set(id, changes)
      }
  return [...holds].flatMap(([id, { added, released }]): GrantTask[] => {
    const grant = grants.get(id)
    return grant === undefined ? [] : [{ grantId: id, grant, holds: [...added, ...released] }]
  })
}

const grantIdsOf = ({ inPackage, subjectId }: Situation): readonly string[] =>
  inPackage.rolesEver.map(({ resourceId, roleId }) => grantId(resourceId, roleId, subjectId))

const isOver = ({ status, revoked }: AssignmentState): boolean => status === 'ended' && revoked

/**
 * Besides those that need work, assignments that hold something although all was revoked when they ended: a worker that
 * had slept since before the end added the hold.
 * It finds no note of the end on a grant whose role the package had lost by then (promise 2).
 */
const openAssignments = (
  situation: Situation,
  grants: ReadonlyMap<string, LoadedGrant>,
): readonly AssignmentState[] => {
  const { assignments } = situation.entitlement.state
  const holders = assignments.some(isOver)
    ? new Set(grantIdsOf(situation).flatMap((id) => grants.get(id)?.state.holders ?? []))
    : new Set()
  return assignments.filter(
    (each) => needsWork(each) || (isOver(each) && holders.has(each.assignmentId)),
  )
}

const partsOf = (
  { inPackage, subjectId, withheld }: Situation,
  assignment: AssignmentState,
  grants: ReadonlyMap<string, LoadedGrant>,
): readonly Part[] =>
  inPackage.rolesEver.flatMap((role): Part[] => {
    const id = grantId(role.resourceId, role.roleId, subjectId)
    const grant = grants.get(id)
    const claim = grant && claimOf(inPackage.loaded.state, assignment, role, grant.state, withheld)
    return claim ? [{ role, grantId: id, ...claim }] : []
  })
