import { type createCommandHandler, deriveId, type Instant } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import {
  type GrantCommand,
  type GrantState,
  grantDecider,
  grantDesired,
  grantSettled,
  grantStream,
  parseGrantId,
} from '@portcullis/domain'
import { type Access, type Connector, ConnectorError } from '@portcullis/provisioning'
import type { States } from '../commands/facts.ts'
import { errorText, type Log } from '../log.ts'

export interface ProvisionDependencies {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly states: States
  readonly directory: Directory
  readonly connectors: ReadonlyMap<string, Connector>
  readonly newId: () => string
  readonly now: () => Instant
  readonly log: Log
  /** How long one operation may hold its grant; longer than `operationMillis`, so that a slow call ends before somebody else takes over. */
  readonly leaseMillis: number
  /** After how long a connector's call is given up. */
  readonly operationMillis: number
}

export interface ProvisionResult {
  readonly state: GrantState
  /** True when this run did something about it: others who depend on the grant may want to know. */
  readonly changed: boolean
  /** When to look again, where somebody else's operation is in flight. */
  readonly lookAgainAt: Instant | null
}

const ENGINE = { kind: 'system', id: 'provisioning' } as const
/** Each round is one operation; more than a handful means that holds keep changing under us, and the next job goes on. */
const MAX_ROUNDS = 8

/**
 * Drives one grant until desired and actual agree, an error says to wait, or somebody else is at it (promises 2 and 4).
 * Safe to run any number of times, side by side: the lease in the stream lets one operation through at a time.
 */
export const provisionGrant = async (
  dependencies: ProvisionDependencies,
  grantId: string,
  signal: AbortSignal,
): Promise<ProvisionResult> => {
  for (let round = 0; ; round += 1) {
    const state = await dependencies.states.grant(grantId)
    if (grantSettled(state) || round === MAX_ROUNDS || signal.aborted)
      return { state, changed: round > 0, lookAgainAt: null }
    const wait = waitOf(state, dependencies.now())
    if (wait !== undefined) return { state, changed: round > 0, lookAgainAt: wait.lookAgainAt }
    const went = await runOperation(dependencies, grantId, signal)
    if (!went)
      return { state: await dependencies.states.grant(grantId), changed: true, lookAgainAt: null }
  }
}

/** Known beforehand that nothing may start: spares the target a read. The decider has the last word. */
const waitOf = (
  state: GrantState,
  now: Instant,
): { readonly lookAgainAt: Instant | null } | undefined => {
  const { inFlight, failure } = state
  if (inFlight !== null && inFlight.leaseUntil > now) return { lookAgainAt: inFlight.leaseUntil }
  const operation = grantDesired(state) === 'present' ? 'grant' : 'revoke'
  if (failure === null || failure.wait === null || failure.operation !== operation) return undefined
  // A retry has a deadline of its own; an operator's asking is an event of its own.
  return failure.wait === 'operator' || failure.wait > now ? { lookAgainAt: null } : undefined
}

/** One operation, from the look at the target to the recorded outcome. False when it failed or wasn't ours to do: then the caller stops. */
const runOperation = async (
  dependencies: ProvisionDependencies,
  grantId: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const operationId = dependencies.newId()
  const attempt = AbortSignal.any([signal, AbortSignal.timeout(dependencies.operationMillis)])
  let target: Target
  let observed: 'present' | 'absent'
  try {
    target = await targetOf(dependencies, grantId)
    observed = await target.connector.readBack(target.access, attempt)
  } catch (error) {
    if (signal.aborted) return false
    await fail(dependencies, grantId, operationId, 'ReportUnreachable', error)
    return false
  }
  const started = await send(dependencies, grantId, 'start', operationId, {
    type: 'StartOperation',
    operationId,
    observed,
    leaseMillis: dependencies.leaseMillis,
  })
  if (!started.ok) return false
  const begun = started.events.find((event) => event.type === 'ProvisioningStarted.v1')
  // Nothing to do any more, or the access was there before us: the next look decides.
  if (begun === undefined) return true
  try {
    if (begun.data.operation === 'grant') await target.connector.grant(target.access, attempt)
    else await target.connector.revoke(target.access, attempt)
    const readBack = await target.connector.readBack(target.access, attempt)
    const completed = await send(dependencies, grantId, 'complete', operationId, {
      type: 'CompleteOperation',
      operationId,
      readBack,
      readAt: dependencies.now(),
    })
    return completed.ok && completed.events.every(({ type }) => type !== 'ProvisioningFailed.v1')
  } catch (error) {
    // Closing: the lease runs out and the operation is taken up again; every call is idempotent.
    if (signal.aborted) return false
    await fail(dependencies, grantId, operationId, 'FailOperation', error)
    return false
  }
}

interface Target {
  readonly connector: Connector
  readonly access: Access
}

const targetOf = async (
  { directory, connectors }: ProvisionDependencies,
  grantId: string,
): Promise<Target> => {
  const ids = parseGrantId(grantId)
  if (ids === undefined) throw new Error(`${grantId} is not the id of a grant`)
  const [resources, subject] = await Promise.all([
    directory.resources([ids.resourceId]),
    directory.person(ids.subjectId),
  ])
  const resource = resources.get(ids.resourceId)
  const role = resource?.roles.find(({ id }) => id === ids.roleId)
  if (resource === undefined || role === undefined)
    throw permanent(
      'provisioning.unknown-resource-role',
      `the directory has no role ${ids.roleId} on a resource ${ids.resourceId}; import it, then reprocess`,
    )
  if (subject === undefined)
    throw permanent(
      'provisioning.unknown-subject',
      `the directory has no person ${ids.subjectId}; import them, then reprocess`,
    )
  const connector = connectors.get(resource.connector)
  if (connector === undefined)
    throw permanent(
      'provisioning.unknown-connector',
      `resource ${resource.id} names the connector ${resource.connector}, which is not configured; configured are: ${[...connectors.keys()].join(', ') || 'none'}`,
    )
  return {
    connector,
    access: {
      resource: { id: resource.id, externalId: resource.externalId },
      role: { id: role.id, externalId: role.externalId },
      subject: {
        id: subject.id,
        userName: subject.userName,
        email: subject.email,
        displayName: subject.displayName,
      },
    },
  }
}

const permanent = (code: string, message: string) =>
  new ConnectorError(code, message, { transient: false })

const fail = async (
  dependencies: ProvisionDependencies,
  grantId: string,
  operationId: string,
  type: 'FailOperation' | 'ReportUnreachable',
  error: unknown,
): Promise<void> => {
  const known = error instanceof ConnectorError ? error : undefined
  const code = known?.code ?? 'provisioning.failed'
  const transient = known?.transient ?? true
  dependencies.log.warn({ grantId, code, transient }, 'provisioning failed')
  await send(dependencies, grantId, 'fail', operationId, {
    type,
    operationId,
    code,
    message: printable(errorText(error)),
    transient,
    retryAfterMillis: known?.retryAfterMillis ?? null,
  })
}

/** A target's text may hold anything; an event's may not hold control characters or be empty. */
const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Surrogate}\u2028\u2029]+/gu, ' ').trim() || 'no message'

// The command id holds the operation's own random id: two workers never take each other's command for a repeat of theirs.
const send = (
  dependencies: ProvisionDependencies,
  grantId: string,
  step: string,
  operationId: string,
  command: GrantCommand,
) => {
  const ids = parseGrantId(grantId)
  if (ids === undefined) throw new Error(`${grantId} is not the id of a grant`)
  return dependencies.handle({
    stream: grantStream(grantId),
    decider: grantDecider,
    command,
    envelope: {
      commandId: deriveId('operation', operationId, step),
      actor: ENGINE,
      correlationId: operationId,
    },
    facts: () => ids,
  })
}
