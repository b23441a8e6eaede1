import type { CommandEnvelope, createBulkHandler, Instant } from '@portcullis/core'
import {
  type GrantCommand,
  type GrantEvent,
  grantDecider,
  grantSettled,
  grantStream,
  parseGrantId,
} from '@portcullis/domain'
import {
  ConnectorError,
  type FulfilmentAwaited,
  type ReadBack,
  type TargetAccount,
} from '@portcullis/provisioning'
import { ENGINE } from '../facts/engineFacts.ts'
import { errorText, type Log } from '../log.ts'
import { type CallOutcome, carryOut, type Order, readBackAll } from './connectorCalls.ts'
import type { Drive } from './drive.ts'
import { accountIn, knownFrom, storable } from './saysOfTarget.ts'
import { asGranted, grantIds, type Target, withAccount } from './targets.ts'

export interface StepDependencies {
  readonly handleMany: ReturnType<typeof createBulkHandler>
  readonly newId: () => string
  readonly now: () => Instant
  readonly log: Log
  /**
   * How long one operation may hold its grant; longer than its calls may take, so that a slow call ends before somebody
   * else takes over.
   */
  readonly leaseMillis: number
}

/** @returns in the order of the drives; an error where there is no target, for good until somebody corrects it */
export type FindTargets = (
  drives: readonly Drive[],
) => Promise<readonly (Target | ConnectorError)[]>

/** What the target says of a grant. */
export type Look =
  | { readonly drive: Drive; readonly target: Target; readonly answer: CallOutcome<ReadBack> }
  | {
      readonly drive: Drive
      readonly target: null
      readonly answer: Extract<CallOutcome<never>, { ok: false }>
    }

/** An operation that holds its grant's lease. */
export interface Operation {
  readonly drive: Drive
  readonly order: Order
  readonly kind: 'grant' | 'revoke'
}

export const look = async (
  drives: readonly Drive[],
  findTargets: FindTargets,
  attempt: AbortSignal,
): Promise<readonly Look[]> => {
  if (drives.length === 0) return []
  const found = await findTargets(drives)
  const isTarget = (one: Target | ConnectorError): one is Target => !(one instanceof ConnectorError)
  const targets = found.map((one, index) => {
    const drive = drives[index]
    return isTarget(one) && drive !== undefined ? asGranted(one, drive.grant.state) : one
  })
  const answers = (await readBackAll(targets.filter(isTarget), attempt)).values()
  return drives.map((drive, index): Look => {
    const target = targets[index]
    if (target === undefined || !isTarget(target))
      return { drive, target: null, answer: { ok: false, error: target } }
    const answer = answers.next().value
    if (answer === undefined) throw new Error(`nobody looked at ${drive.grantId}`)
    return { drive, target, answer }
  })
}

/**
 * Appends the changes of holds, and with them the start of the operations that the looks allow.
 * @param quiet grants that only their holds change of
 * @returns the operations that are ours, and grants of which somebody else changed something: look again
 */
export const start = async (
  dependencies: StepDependencies,
  quiet: readonly Drive[],
  looks: readonly Look[],
): Promise<{ readonly operations: readonly Operation[]; readonly again: readonly Drive[] }> => {
  const { handleMany, newId, leaseMillis } = dependencies
  const steps = [
    ...quiet
      .filter(({ holds }) => holds.length > 0)
      .map((drive) => ({ drive, look: null, operationId: '' })),
    ...looks.map((each) => ({ drive: each.drive, look: each, operationId: newId() })),
  ]
  const outcomes = await handleMany(
    steps.map(({ drive, look, operationId }) => {
      const holds = drive.holds.map((command) => ({
        command,
        envelope: { commandId: newId(), actor: ENGINE },
      }))
      if (look === null) return commandsFor(drive, holds)
      const answer = knownFrom(look.answer)
      const command: GrantCommand = answer.ok
        ? {
            type: 'StartOperation',
            operationId,
            observed: answer.value.state,
            account: accountIn(answer.value),
            lookedAt: drive.grant.state.news,
            leaseMillis,
            takeOver: look.target?.connector.preexisting === 'take-over',
          }
        : {
            type: 'ReportUnreachable',
            ...failureOf(dependencies, drive, operationId, answer.error),
          }
      return commandsFor(drive, [
        ...holds,
        { command, envelope: envelopeOf(dependencies, operationId) },
      ])
    }),
  )
  const operations: Operation[] = []
  const again: Drive[] = []
  for (const [index, { drive, look, operationId }] of steps.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    // Others may wait for what a hold on its own has settled: access that was to go stays.
    drive.changed ||= !grantSettled(drive.grant.state) && grantSettled(outcome.after.state)
    drive.grant = outcome.after
    drive.holds = []
    const last = outcome.outcomes.at(-1)
    const news = look !== null && last?.ok === true ? last.events : []
    drive.changed ||= news.length > 0
    const [event] = news
    if (event?.type === 'ProvisioningStarted.v2' && look?.target)
      operations.push({
        drive,
        order: { ...withAccount(look.target, accountSeen(look)), operationId },
        kind: event.data.operation,
      })
    else if (event?.type !== 'ProvisioningFailed.v1') again.push(drive)
  }
  return { operations, again }
}

/**
 * Carries the operations out, reads back, and appends what came of each.
 * @returns grants whose operation succeeded: another one may be due
 */
export const complete = async (
  dependencies: StepDependencies,
  operations: readonly Operation[],
  attempt: AbortSignal,
  signal: AbortSignal,
): Promise<readonly Drive[]> => {
  if (operations.length === 0) return []
  const { handleMany } = dependencies
  const ended = (await callAndReadBack(operations, attempt)).filter(
    // Closing: the lease runs out and the operation is taken up again; every call is idempotent.
    ({ answer }) => answer.ok || !signal.aborted,
  )
  const outcomes = await handleMany(
    ended.map((operation) =>
      commandsFor(operation.drive, [
        {
          command: outcomeCommand(dependencies, operation),
          envelope: envelopeOf(dependencies, operation.order.operationId),
        },
      ]),
    ),
  )
  return ended.flatMap(({ drive }, index) => {
    const outcome = outcomes[index]
    if (outcome === undefined) return []
    drive.grant = outcome.after
    const [only] = outcome.outcomes
    const succeeded =
      only?.ok === true && only.events.every(({ type }) => !STILL_OPEN.includes(type))
    return succeeded ? [drive] : []
  })
}

/** It failed, or somebody is at it by hand: nothing more to do now. */
const STILL_OPEN: readonly GrantEvent['type'][] = ['ProvisioningFailed.v1', 'FulfilmentAwaited.v1']

/** What came of an operation: the target did it, and this is what it says now; or it has somebody do it. */
interface Ended extends Operation {
  readonly answer: CallOutcome<ReadBack | FulfilmentAwaited>
}

/** The names that the target has for the account: as just seen, else as they were kept. */
const accountSeen = ({ drive, answer }: Look): TargetAccount | null =>
  (answer.ok ? accountIn(answer.value) : null) ?? drive.grant.state.account

const callAndReadBack = async (
  operations: readonly Operation[],
  attempt: AbortSignal,
): Promise<readonly Ended[]> => {
  const kinds = [...Map.groupBy(operations, ({ kind }) => kind)]
  const called = await Promise.all(
    kinds.map(async ([kind, all]) => {
      const answers = await carryOut(
        kind,
        all.map(({ order }) => order),
        attempt,
      )
      return all.map((operation, index) => ({ operation, answer: answers[index] }))
    }),
  )
  const ended: Ended[] = []
  const done: Operation[] = []
  for (const { operation, answer } of called.flat()) {
    if (answer?.ok === false) ended.push({ ...operation, answer })
    else if (answer?.value === undefined) done.push(operation)
    else if ('awaitedUntil' in answer.value)
      ended.push({ ...operation, answer: { ok: true, value: answer.value } })
    else done.push({ ...operation, order: withAccount(operation.order, answer.value.account) })
  }
  const reads = await readBackAll(
    done.map(({ order }) => order),
    attempt,
  )
  for (const [index, operation] of done.entries()) {
    const answer = reads[index]
    if (answer !== undefined) ended.push({ ...operation, answer: knownFrom(answer) })
  }
  return ended
}

const outcomeCommand = (
  dependencies: StepDependencies,
  { drive, order, answer }: Ended,
): GrantCommand => {
  const { operationId } = order
  if (!answer.ok)
    return { type: 'FailOperation', ...failureOf(dependencies, drive, operationId, answer.error) }
  const { value } = answer
  return 'awaitedUntil' in value
    ? { type: 'AwaitFulfilment', operationId, until: value.awaitedUntil }
    : {
        type: 'CompleteOperation',
        operationId,
        readBack: value.state,
        readAt: dependencies.now(),
        account: accountIn(value) ?? storable(order.access.subject.account ?? null),
      }
}

export const commandsFor = (
  { grantId, grant }: Drive,
  commands: readonly { readonly command: GrantCommand; readonly envelope: CommandEnvelope }[],
) => {
  const ids = grantIds(grantId)
  return {
    stream: grantStream(grantId),
    decider: grantDecider,
    commands,
    facts: () => ids,
    known: grant,
  }
}

/** Who operations say they are by. */
const PROVISIONING = { kind: 'system', id: 'provisioning' } as const

// The command id is random: two workers never take each other's command for a repeat of theirs.
export const envelopeOf = ({ newId }: StepDependencies, operationId: string): CommandEnvelope => ({
  commandId: newId(),
  actor: PROVISIONING,
  correlationId: operationId,
})

const failureOf = (
  { log }: StepDependencies,
  { grantId }: Drive,
  operationId: string,
  error: unknown,
) => {
  const known = error instanceof ConnectorError ? error : undefined
  const code = known?.code ?? 'provisioning.failed'
  const transient = known?.transient ?? true
  // Whose it is can be looked up by the operation, by those who may.
  const { resourceId, roleId } = parseGrantId(grantId) ?? {}
  log.warn({ operationId, resourceId, roleId, code, transient }, 'provisioning failed')
  log.debug({ operationId, grantId }, 'provisioning failed')
  return {
    operationId,
    code,
    message: printable(errorText(error)),
    transient,
    retryAfterMillis: known?.retryAfterMillis ?? null,
  }
}

/** A target's text may hold anything; an event's may not hold control characters or be empty. */
const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Surrogate}\u2028\u2029]+/gu, ' ').trim() || 'no message'
