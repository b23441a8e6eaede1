import type { EventStore } from '@portcullis/core'
import {
  type AssignmentState,
  conferredVersion,
  type GrantCommand,
  grantId,
} from '@portcullis/domain'
import { type LoadedGrant, loadGrants } from './grants.ts'
import type { GrantTask } from './provisionGrants.ts'
import type { Situation } from './situation.ts'
import { claimOf, needsWork } from './standing.ts'

/** One assignment and one of its grants. */
interface Part {
  readonly role: { readonly resourceId: string; readonly roleId: string }
  readonly grantId: string
  readonly desired: boolean
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
 */
export const findCases = async (
  store: EventStore,
  situations: readonly Situation[],
): Promise<{ readonly cases: readonly Case[]; readonly tasks: readonly GrantTask[] }> => {
  const busy = situations.filter(({ entitlement }) =>
    entitlement.state.assignments.some((each) => needsWork(each) || isOver(each)),
  )
  const grants = await loadGrants(store, busy.flatMap(grantIdsOf))
  const holds = new Map<
    string,
    { readonly added: GrantCommand[]; readonly released: GrantCommand[] }
  >()
  const cases = busy.flatMap((situation): Case[] => {
    const assignments = openAssignments(situation, grants).map((assignment) => ({
      assignmentId: assignment.assignmentId,
      rolesVersion: conferredVersion(situation.inPackage.loaded.state, assignment),
      parts: partsOf(situation, assignment, grants, (id, change) => {
        const of = holds.get(id) ?? { added: [], released: [] }
        if (change !== null) (change.type === 'AddHold' ? of.added : of.released).push(change)
        holds.set(id, of)
      }),
    }))
    const ids = assignments.flatMap(({ parts }) => parts.map((part) => part.grantId))
    return assignments.length === 0 ? [] : [{ situation, assignments, grantIds: new Set(ids) }]
  })
  const tasks = [...holds].flatMap(([id, { added, released }]): GrantTask[] => {
    const grant = grants.get(id)
    return grant === undefined ? [] : [{ grantId: id, grant, holds: [...added, ...released] }]
  })
  return { cases, tasks }
}

const grantIdsOf = ({ inPackage, subjectId }: Situation): readonly string[] =>
  inPackage.rolesEver.map(({ resourceId, roleId }) => grantId(resourceId, roleId, subjectId))

const isOver = ({ status, revoked }: AssignmentState): boolean => status === 'ended' && revoked

/**
 * Besides those that need work, assignments that hold something although all was revoked when they ended: a worker that had slept since before the end added the hold.
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
  { inPackage, subjectId }: Situation,
  assignment: AssignmentState,
  grants: ReadonlyMap<string, LoadedGrant>,
  note: (grantId: string, change: GrantCommand | null) => void,
): readonly Part[] =>
  inPackage.rolesEver.flatMap((role): Part[] => {
    const id = grantId(role.resourceId, role.roleId, subjectId)
    const grant = grants.get(id)
    const claim = grant && claimOf(inPackage.loaded.state, assignment, role, grant.state)
    if (!claim) return []
    note(id, claim.change)
    return [{ role, grantId: id, desired: claim.desired }]
  })
