import {
  type CommandEnvelope,
  type Instant,
  identityOf,
  type Position,
  type Refusal,
  START,
  sameCommand,
} from '@portcullis/core'
import type { Person } from '@portcullis/directory'
import {
  type AccessPackageState,
  type ActorFacts,
  type EntitlementCommand,
  type EntitlementFacts,
  type EntitlementState,
  entitlementDecider,
  entitlementId,
  entitlementStream,
  packageExists,
  refusalForEverybody,
} from '@portcullis/domain'
import type { AssignmentStatus } from '@portcullis/views'
import { policyApplications, subjectFacts } from '../facts/eligibility.ts'
import { actorFactsOf } from '../facts/states.ts'
import { sideBySide } from './sideBySide.ts'
import { type CommandTools, envelopeOfStep, type Outside } from './tools.ts'

export interface AssignMany {
  readonly packageId: string
  readonly policyId: string
  /** At least one, each once. */
  readonly subjectIds: readonly string[]
  readonly startAt: Instant | null
  readonly endAt: Instant | null
  readonly justification: string | null
}

/** What became of one subject. */
export type BulkResult =
  | {
      readonly subjectId: string
      readonly ok: true
      readonly requestId: string
      readonly assignmentId: string
      /** `Scheduled` or `Delivering`. */
      readonly status: AssignmentStatus
      readonly endAt: Instant | null
      readonly repeated: boolean
    }
  | { readonly subjectId: string; readonly ok: false; readonly refusal: Refusal }

export type BulkAnswer =
  | {
      readonly ok: true
      readonly commandId: string
      /** Queries asked `atLeast` this position show the effect on everybody; START when nobody was accepted. */
      readonly position: Position
      readonly accepted: number
      readonly refused: number
      /** Of the accepted: those that had been decided before. */
      readonly repeated: number
      /** In the order of the subjects. */
      readonly results: readonly BulkResult[]
    }
  | { readonly ok: false; readonly refusal: Refusal }

/** Subjects whose facts are gathered together, and how long what is the same for all is relied on. */
const BATCH = 500
/**
 * Commands under way at the same time: as many as share round trips well, few enough to leave room for other callers.
 */
const WIDTH = 64

type AssignDirectly = Extract<EntitlementCommand, { type: 'AssignDirectly' }>

/** What is the same for every subject. */
interface Shared {
  readonly actor: ActorFacts
  readonly accessPackage: AccessPackageState
}

/**
 * Assigns an access package to many (S18). Each subject is a stream, and a command, of its own, whose id follows from
 * the whole command's: sent again under the same id, after a crash or a lost connection, it goes on where it stopped
 * and gives those who were done the same answer.
 * @throws errors of the store as they are: some may be done, the same command id goes on
 */
export const assignMany = async (
  tools: CommandTools,
  command: AssignMany,
  outside: Outside,
): Promise<BulkAnswer> => {
  const [first] = command.subjectIds
  if (first === undefined) throw new RangeError('nobody is to be assigned')
  let start = command.startAt
  const [shared, reused] = await Promise.all([
    gatherShared(tools, command, outside),
    outside.admit(),
  ])
  if (reused !== undefined) return { ok: false, refusal: reused }
  const refusal = refusalForEverybody(
    commandFor(command, first, start),
    { now: tools.now(), actor: outside.caller.actor },
    await factsFor(tools, shared, command.policyId, undefined),
  )
  if (refusal !== undefined) {
    if (!(await hasBegun(tools, command, outside))) return { ok: false, refusal }
    // The start that was in the future when it began has come meanwhile.
    start = startOf(start, tools.now())
  }
  const results: BulkResult[] = []
  let position: Position = START
  for (let index = 0; index < command.subjectIds.length; index += BATCH) {
    const subjectIds = command.subjectIds.slice(index, index + BATCH)
    const [shared, people] = await Promise.all([
      gatherShared(tools, command, outside),
      tools.directory.people(subjectIds),
    ])
    const decided = await sideBySide(subjectIds, WIDTH, (subjectId) =>
      assignOne(
        tools,
        commandFor(command, subjectId, start),
        shared,
        people.get(subjectId),
        outside,
      ),
    )
    for (const { result, position: reached } of decided) {
      results.push(result)
      if (reached > position) position = reached
    }
  }
  const accepted = results.filter(({ ok }) => ok).length
  return {
    ok: true,
    commandId: outside.commandId,
    position,
    accepted,
    refused: results.length - accepted,
    repeated: results.filter((result) => result.ok && result.repeated).length,
    results,
  }
}

const startOf = (startAt: Instant | null, now: Instant): Instant | null =>
  startAt !== null && startAt < now ? null : startAt

const commandFor = (
  { packageId, policyId, endAt, justification }: AssignMany,
  subjectId: string,
  startAt: Instant | null,
): AssignDirectly => ({
  type: 'AssignDirectly',
  packageId,
  subjectId,
  policyId,
  startAt,
  endAt,
  justification,
})

const envelopeFor = (outside: Outside, subjectId: string): CommandEnvelope =>
  envelopeOfStep(outside, 'assign', subjectId)

const gatherShared = async (
  { states, directory }: CommandTools,
  { packageId }: AssignMany,
  { caller }: Outside,
): Promise<Shared> => {
  const accessPackage = await states.package(packageId)
  const { catalogId } = accessPackage
  return { accessPackage, actor: await actorFactsOf({ directory, states }, caller, catalogId) }
}

/** Only the policy that is named is asked about: the others are there to be listed. */
const factsFor = async (
  { directory, now }: CommandTools,
  { actor, accessPackage }: Shared,
  policyId: string,
  subject: Person | undefined,
): Promise<EntitlementFacts> => {
  const policies = await Promise.all(
    accessPackage.policies.map(async (policy) => {
      const [application] =
        policy.policyId === policyId
          ? await policyApplications(directory, [policy], subject, now())
          : []
      return application ?? { ...policy, basis: null, reason: null }
    }),
  )
  return {
    actor,
    package: { exists: packageExists(accessPackage), policies },
    subject: await subjectFacts(directory, subject),
    approverBasis: null,
  }
}

const assignOne = async (
  tools: CommandTools,
  command: AssignDirectly,
  shared: Shared,
  subject: Person | undefined,
  outside: Outside,
): Promise<{ readonly result: BulkResult; readonly position: Position }> => {
  const { packageId, policyId, subjectId } = command
  const outcome = await tools.handle({
    stream: entitlementStream(entitlementId(packageId, subjectId)),
    decider: entitlementDecider,
    command,
    envelope: envelopeFor(outside, subjectId),
    facts: () => factsFor(tools, shared, policyId, subject),
  })
  if (!outcome.ok)
    return { result: { subjectId, ok: false, refusal: outcome.refusal }, position: START }
  const { repeated, position } = outcome
  return { result: { subjectId, ok: true, ...madeIn(outcome.state), repeated }, position }
}

/** The direct assignment that the command made: the last one, in the state right after it. */
const madeIn = (state: EntitlementState) => {
  const assignment = state.assignments.at(-1)
  if (assignment === undefined) throw new Error('an accepted command made no assignment')
  const { assignmentId, requestId, endAt } = assignment
  const status = assignment.status === 'scheduled' ? 'Scheduled' : 'Delivering'
  return { requestId, assignmentId, status, endAt } as const
}

/** Has the command got anywhere before? Only asked when it is refused as a whole, which what is done must not be. */
const hasBegun = async (
  { store }: CommandTools,
  { packageId, subjectIds }: AssignMany,
  outside: Outside,
): Promise<boolean> => {
  for (let index = 0; index < subjectIds.length; index += BATCH) {
    const found = await sideBySide(
      subjectIds.slice(index, index + BATCH),
      WIDTH,
      async (subjectId) => {
        const identity = identityOf(envelopeFor(outside, subjectId))
        const history = await store.readStream(
          entitlementStream(entitlementId(packageId, subjectId)),
        )
        return history.some(({ metadata }) => sameCommand(identity, metadata) === 'same')
      },
    )
    if (found.includes(true)) return true
  }
  return false
}
