import { errorType, inSpan } from '@portcullis/core'
import {
  aroundConnector,
  type Connector,
  type ConnectorCall,
  ConnectorError,
  isTimeout,
} from '@portcullis/provisioning'
import { setCircuit } from '../metrics/instruments.ts'
import { type Observation, timed } from './observation.ts'

/** How spans name an operation. */
const SPAN_NAME = { readBack: 'read back', grant: 'grant', revoke: 'revoke' } as const

/**
 * A connector whose calls are counted and traced as the worker sees them: with their wait in the queue, many in one
 * call as one. What it answers and throws is the same.
 * Scans page through a target for minutes: their time says nothing of its calls.
 */
export const observedConnector = (
  connector: Connector,
  { instruments, tracing }: Observation,
): Connector => {
  const { name } = connector
  setCircuit(instruments, name, 'closed')
  const counted = <Answer>(
    { operation, signal }: ConnectorCall,
    run: () => Promise<Answer>,
  ): Promise<Answer> =>
    timed(
      instruments.connectorCalls.startTimer({ connector: name, operation }),
      run,
      outcomeOf,
      (error) => failureOf(error, signal),
    )
  return aroundConnector(connector, (call, run) => {
    const operation = SPAN_NAME[call.operation]
    const attributes = {
      'portcullis.connector': name,
      'portcullis.operation': operation,
      'portcullis.accesses': call.accesses.length,
    }
    return inSpan(
      tracing,
      { name: `${operation} ${name}`, kind: 'client', attributes },
      async (span) => {
        const answer = await counted(call, run)
        const failures = failuresIn(answer)
        if (failures.length > 0) {
          span.set({ 'portcullis.failures': failures.length })
          span.failed(errorType(failures[0]))
        }
        return answer
      },
    )
  })
}

/** Of many in one call, those that failed for one alone. */
const failuresIn = (answer: unknown): readonly ConnectorError[] =>
  Array.isArray(answer) ? answer.filter((one) => one instanceof ConnectorError) : []

/** Of many in one call, what none of them succeeded with. */
const outcomeOf = (answer: unknown): string => {
  if (!Array.isArray(answer)) return isAwaited(answer) ? 'awaited' : 'done'
  const [first] = failuresIn(answer)
  if (first !== undefined && failuresIn(answer).length === answer.length) return wordOf(first)
  return answer.length > 0 && answer.every(isAwaited) ? 'awaited' : 'done'
}

const isAwaited = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'awaitedUntil' in answer

/** What isn't the connector's own error, a time-out among others, may pass on its own. */
const failureOf = (error: unknown, signal: AbortSignal): string => {
  if (error instanceof ConnectorError) return wordOf(error)
  return signal.aborted && !isTimeout(signal.reason) ? 'aborted' : 'transient'
}

const wordOf = ({ deferred, transient }: ConnectorError): string =>
  deferred ? 'deferred' : transient ? 'transient' : 'permanent'
