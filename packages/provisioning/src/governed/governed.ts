import type { Clock } from '@portcullis/core'
import { aroundConnector, type ConnectorCall } from '../aroundConnector.ts'
import {
  type Access,
  type Connector,
  ConnectorError,
  type Holder,
  type TargetRole,
} from '../connector.ts'
import { isTimeout } from '../isTimeout.ts'
import { createBulkhead, QueueFull } from './bulkhead.ts'
import { type Attempt, type CircuitChange, createCircuit } from './circuit.ts'
import type { ConnectorLimits } from './limits.ts'
import { createRate } from './rate.ts'
import { createSpent } from './spent.ts'

export interface GovernedOptions {
  readonly limits: ConnectorLimits
  readonly clock: Clock
  /** Told when the circuit opens, lets a probe through, or closes. */
  readonly onChange?: (connector: string, change: CircuitChange) => void
  /** From 0 up to 1; default: chance. */
  readonly random?: () => number
}

/** How long a call that hasn't begun waits in the queue, milliseconds: then its worker turns to other work. */
const LONGEST_WAIT = 5_000
const SHORTEST_RETURN = 1_000
const LONGEST_RETURN = 60_000
const JITTER = 0.2

/**
 * A connector under limits of its own, so that a target that is slow, throttles or is gone doesn't hold up the others:
 * so many calls side by side, so many a second, and none at all for a while after some have failed in a row, or when it
 * says so (codes `*.throttled` are no failures). What can't be called now fails at once with a ConnectorError that says
 * so (`deferred`, transient, `retryAfterMillis`): `connector.circuit-open`, or `connector.busy` where the line is too
 * long. An access whose operation has begun is only held up by the circuit.
 * `probe`, `abilities` and `close` go straight through.
 */
export const governed = (connector: Connector, options: GovernedOptions): Connector => {
  const { limits, clock, onChange, random = Math.random } = options
  const { name } = connector
  const circuit = createCircuit({
    limits: limits.circuit,
    clock,
    random,
    onChange: (change) => onChange?.(name, change),
  })
  const bulkhead = createBulkhead({
    concurrency: limits.concurrency,
    rate: createRate(limits.rate, clock),
    clock,
    longestWaitMillis: LONGEST_WAIT,
  })
  /** Accesses that have been looked at: what follows belongs to the same operation. */
  const underWay = new WeakSet<object>()

  const spent = createSpent(clock)
  const later = (code: string, why: string, waitMillis: number): ConnectorError =>
    new ConnectorError(code, `${name} wasn't called: ${why}`, {
      transient: true,
      deferred: true,
      retryAfterMillis: Math.ceil(waitMillis),
    })

  const unlessOpen = (): void => {
    const waitMillis = circuit.waitMillis()
    if (waitMillis > 0)
      throw later('connector.circuit-open', 'it is left alone for now', waitMillis)
  }

  const placeFor = async (patient: boolean, signal: AbortSignal): Promise<() => void> => {
    try {
      return await bulkhead.take(patient, signal)
    } catch (error) {
      // What is under way waits in the queue as long as its time lasts: that it ran out there says nothing of the
      // target.
      if (signal.aborted && error === signal.reason && isTimeout(error))
        throw later('connector.busy', 'its time was up while it waited for a turn', SHORTEST_RETURN)
      if (!(error instanceof QueueFull)) throw error
      const wait = Math.min(LONGEST_RETURN, Math.max(SHORTEST_RETURN, error.waitMillis))
      throw later('connector.busy', 'too many calls wait for it', wait * (1 + JITTER * random()))
    }
  }

  const call = async <Answer>(
    { accesses, signal }: Pick<ConnectorCall, 'signal'> & AboutResources,
    run: () => Promise<Answer>,
  ): Promise<Answer> => {
    spent.begin(signal)
    unlessOpen()
    const release = await placeFor(
      accesses.some(({ resource }) => underWay.has(resource)),
      signal,
    )
    try {
      // It may have opened while this one waited.
      unlessOpen()
      const attempt = circuit.begin()
      const ended = spent.call(signal)
      try {
        const answer = await run()
        ended()
        for (const { resource } of accesses) underWay.add(resource)
        if (isUnknown(answer)) attempt.abandoned()
        else note(attempt, failureIn(answer))
        return answer
      } catch (error) {
        ended()
        noteThrown(attempt, error, signal, spent.mostlyOurs(signal))
        throw error
      }
    } finally {
      release()
    }
  }

  const { holders } = connector
  return {
    ...aroundConnector(connector, call),
    ...(holders === undefined
      ? {}
      : {
          holders: (role: TargetRole, signal: AbortSignal) =>
            pagesOf(holders.call(connector, role, signal), (next) =>
              call({ accesses: [role], signal }, next),
            ),
        }),
  }
}

interface AboutResources {
  readonly accesses: readonly Pick<Access, 'resource'>[]
}

/** Anybody who can't be asked wasn't: that tells nothing of the target. */
const isUnknown = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'state' in answer && answer.state === 'unknown'

/**
 * Of many at once: the target failed when nothing of what was asked succeeded, and some of it may later. One real
 * failure says more than any that it was too many.
 */
const failureIn = (answer: unknown): ConnectorError | undefined => {
  if (!Array.isArray(answer)) return undefined
  const failures = answer.filter((one) => one instanceof ConnectorError)
  if (failures.length < answer.length) return undefined
  const passing = failures.filter(({ transient }) => transient)
  return passing.find((error) => !isThrottled(error)) ?? passing[0]
}

/** "Too many" (429), of any connector. */
const isThrottled = ({ code }: ConnectorError): boolean => code.endsWith('.throttled')

/** Each page is a call; anybody who reads them may take their time. */
async function* pagesOf(
  pages: AsyncIterable<readonly Holder[]>,
  call: (
    next: () => Promise<IteratorResult<readonly Holder[]>>,
  ) => Promise<IteratorResult<readonly Holder[]>>,
): AsyncIterable<readonly Holder[]> {
  const iterator = pages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const page = await call(() => iterator.next())
      if (page.done === true) return
      yield page.value
    }
  } finally {
    await iterator.return?.()
  }
}

const note = (attempt: Attempt, error: ConnectorError | undefined): void => {
  if (error === undefined) attempt.succeeded()
  else if (error.deferred) attempt.abandoned()
  else if (isThrottled(error)) attempt.throttled(error.code, error.retryAfterMillis)
  else attempt.failed(error.code, error.retryAfterMillis)
}

const noteThrown = (
  attempt: Attempt,
  error: unknown,
  signal: AbortSignal,
  mostlyOurs: boolean,
): void => {
  // A target that doesn't answer in time fails; a caller that is told to stop says nothing of it, nor one whose time we
  // spent ourselves.
  if (signal.aborted && (!isTimeout(signal.reason) || mostlyOurs)) attempt.abandoned()
  // It wasn't called at all: our own line or lock was too long.
  else if (error instanceof ConnectorError && error.deferred) attempt.abandoned()
  else if (!(error instanceof ConnectorError)) attempt.failed('connector.failed')
  // A lasting error is an answer: the target is there.
  else note(attempt, error.transient ? error : undefined)
}
