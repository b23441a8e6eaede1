import type { Clock } from '@portcullis/core'
import {
  type Access,
  type Connector,
  ConnectorError,
  type Holder,
  type ManyAtOnce,
  type TargetRole,
} from '../connector.ts'
import { isTimeout } from '../isTimeout.ts'
import { type Attempt, type CircuitChange, createCircuit } from './circuit.ts'
import type { ConnectorLimits } from './limits.ts'
import { createPlaces, TooLong } from './places.ts'
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

/** How long a call that hasn't begun stands in line, milliseconds: then its worker turns to other work. */
const LONGEST_WAIT = 5_000
const SHORTEST_RETURN = 1_000
const LONGEST_RETURN = 60_000
const JITTER = 0.2

/** What a call is about, and what it makes of the answer: did the target fail for all that was asked? */
interface Call<Answer> {
  readonly accesses: readonly Pick<Access, 'resource'>[]
  readonly signal: AbortSignal
  readonly run: () => Promise<Answer>
  readonly failureIn?: (answer: Answer) => ConnectorError | undefined
  /** Whoever can't be asked wasn't: that tells nothing of the target. */
  readonly saysNothing?: (answer: Answer) => boolean
}

/**
 * A connector under limits of its own, so that a target that is slow, throttles or is gone doesn't hold up the others: so many calls side by side, so many a second, and none at all
 * for a while after some have failed in a row, or when it says so (codes `*.throttled` are no failures). What can't be called now fails at once with a ConnectorError that says so (`deferred`, transient, `retryAfterMillis`):
 * `connector.circuit-open`, or `connector.busy` where the line is too long. An access whose operation has begun is only held up by the circuit.
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
  const places = createPlaces({
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
      return await places.take(patient, signal)
    } catch (error) {
      // What is under way stands in line as long as its time lasts: that it ran out there says nothing of the target.
      if (signal.aborted && error === signal.reason && isTimeout(error))
        throw later('connector.busy', 'its time was up while it waited for a turn', SHORTEST_RETURN)
      if (!(error instanceof TooLong)) throw error
      const wait = Math.min(LONGEST_RETURN, Math.max(SHORTEST_RETURN, error.waitMillis))
      throw later('connector.busy', 'too many calls wait for it', wait * (1 + JITTER * random()))
    }
  }

  const call = async <Answer>(asked: Call<Answer>): Promise<Answer> => {
    const { accesses, signal, run, failureIn } = asked
    spent.begin(signal)
    unlessOpen()
    const release = await placeFor(
      accesses.some(({ resource }) => underWay.has(resource)),
      signal,
    )
    try {
      // It may have opened while this one stood in line.
      unlessOpen()
      const attempt = circuit.begin()
      const ended = spent.call(signal)
      try {
        const answer = await run()
        ended()
        for (const { resource } of accesses) underWay.add(resource)
        if (asked.saysNothing?.(answer)) attempt.abandoned()
        else note(attempt, failureIn?.(answer))
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

  const { many, holders, preexisting, abilities } = connector
  return {
    name,
    ...(preexisting === undefined ? {} : { preexisting }),
    probe: () => connector.probe(),
    ...(abilities === undefined ? {} : { abilities: abilities.bind(connector) }),
    close: () => connector.close(),
    readBack: (access, signal) =>
      call({
        accesses: [access],
        signal,
        run: () => connector.readBack(access, signal),
        saysNothing: ({ state }) => state === 'unknown',
      }),
    grant: (access, signal, operationId) =>
      call({
        accesses: [access],
        signal,
        run: () => connector.grant(access, signal, operationId),
      }),
    revoke: (access, signal, operationId) =>
      call({
        accesses: [access],
        signal,
        run: () => connector.revoke(access, signal, operationId),
      }),
    ...(many === undefined ? {} : { many: governedMany(many, call) }),
    ...(holders === undefined
      ? {}
      : {
          holders: (role: TargetRole, signal: AbortSignal) =>
            pagesOf(holders.call(connector, role, signal), role, signal, call),
        }),
  }
}

type Caller = <Answer>(asked: Call<Answer>) => Promise<Answer>

/** Many in one call are one call. */
const governedMany = (many: ManyAtOnce, call: Caller): ManyAtOnce => {
  const of = (operations: readonly { readonly access: Access }[]): readonly Access[] =>
    operations.map(({ access }) => access)
  return {
    most: many.most,
    readBack: (accesses, signal) =>
      call({ accesses, signal, run: () => many.readBack(accesses, signal), failureIn }),
    grant: (operations, signal) =>
      call({
        accesses: of(operations),
        signal,
        run: () => many.grant(operations, signal),
        failureIn,
      }),
    revoke: (operations, signal) =>
      call({
        accesses: of(operations),
        signal,
        run: () => many.revoke(operations, signal),
        failureIn,
      }),
  }
}

/** The target failed when nothing of what was asked succeeded, and some of it may later. One real failure says more than any that it was too many. */
const failureIn = (answers: readonly unknown[]): ConnectorError | undefined => {
  const failures = answers.filter((answer) => answer instanceof ConnectorError)
  if (failures.length < answers.length) return undefined
  const passing = failures.filter(({ transient }) => transient)
  return passing.find((error) => !isThrottled(error)) ?? passing[0]
}

/** "Too many" (429), of any connector. */
const isThrottled = ({ code }: ConnectorError): boolean => code.endsWith('.throttled')

/** Each page is a call; whoever reads them may take their time. */
async function* pagesOf(
  pages: AsyncIterable<readonly Holder[]>,
  role: TargetRole,
  signal: AbortSignal,
  call: Caller,
): AsyncIterable<readonly Holder[]> {
  const iterator = pages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const page = await call({ accesses: [role], signal, run: () => iterator.next() })
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
  // A target that doesn't answer in time fails; a caller that is told to stop says nothing of it, nor one whose time we spent ourselves.
  if (signal.aborted && (!isTimeout(signal.reason) || mostlyOurs)) attempt.abandoned()
  // It wasn't called at all: our own line or lock was too long.
  else if (error instanceof ConnectorError && error.deferred) attempt.abandoned()
  else if (!(error instanceof ConnectorError)) attempt.failed('connector.failed')
  // A lasting error is an answer: the target is there.
  else note(attempt, error.transient ? error : undefined)
}
