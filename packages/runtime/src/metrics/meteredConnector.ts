import {
  type Connector,
  ConnectorError,
  isTimeout,
  type ManyAtOnce,
} from '@portcullis/provisioning'
import { type Instruments, setCircuit } from './instruments.ts'

type Operation = 'readBack' | 'grant' | 'revoke'

/** A connector whose calls are counted as the worker sees them: with their wait in line, many in one call as one. What it answers and throws is the same. */
export const meteredConnector = (connector: Connector, instruments: Instruments): Connector => {
  const { connectorCalls } = instruments
  setCircuit(instruments, connector.name, 'closed')
  const counted = async <Answer>(
    operation: Operation,
    signal: AbortSignal,
    call: () => Promise<Answer>,
  ): Promise<Answer> => {
    const end = connectorCalls.startTimer({ connector: connector.name, operation })
    try {
      const answer = await call()
      end({ outcome: outcomeOf(answer) })
      return answer
    } catch (error) {
      end({ outcome: failureOf(error, signal) })
      throw error
    }
  }
  const { many, holders, abilities } = connector
  return {
    name: connector.name,
    ...(connector.preexisting === undefined ? {} : { preexisting: connector.preexisting }),
    probe: () => connector.probe(),
    ...(abilities === undefined ? {} : { abilities: abilities.bind(connector) }),
    close: () => connector.close(),
    readBack: (access, signal) =>
      counted('readBack', signal, () => connector.readBack(access, signal)),
    grant: (access, signal, operationId) =>
      counted('grant', signal, () => connector.grant(access, signal, operationId)),
    revoke: (access, signal, operationId) =>
      counted('revoke', signal, () => connector.revoke(access, signal, operationId)),
    ...(many === undefined ? {} : { many: meteredMany(many, counted) }),
    // Scans page through a target for minutes: their time says nothing of its calls.
    ...(holders === undefined ? {} : { holders: holders.bind(connector) }),
  }
}

type Counted = <Answer>(
  operation: Operation,
  signal: AbortSignal,
  call: () => Promise<Answer>,
) => Promise<Answer>

const meteredMany = (many: ManyAtOnce, counted: Counted): ManyAtOnce => ({
  most: many.most,
  readBack: (accesses, signal) =>
    counted('readBack', signal, () => many.readBack(accesses, signal)),
  grant: (operations, signal) => counted('grant', signal, () => many.grant(operations, signal)),
  revoke: (operations, signal) => counted('revoke', signal, () => many.revoke(operations, signal)),
})

/** Of many in one call, what none of them succeeded with. */
const outcomeOf = (answer: unknown): string => {
  if (!Array.isArray(answer)) return isAwaited(answer) ? 'awaited' : 'done'
  const [first] = answer
  const failed = answer.length > 0 && answer.every((one) => one instanceof ConnectorError)
  if (failed) return wordOf(first)
  return answer.length > 0 && answer.every(isAwaited) ? 'awaited' : 'done'
}

const isAwaited = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'awaitedUntil' in answer

/** What isn't the connector's own error, a time-out among others, may pass by itself. */
const failureOf = (error: unknown, signal: AbortSignal): string => {
  if (error instanceof ConnectorError) return wordOf(error)
  return signal.aborted && !isTimeout(signal.reason) ? 'aborted' : 'transient'
}

const wordOf = ({ deferred, transient }: ConnectorError): string =>
  deferred ? 'deferred' : transient ? 'transient' : 'permanent'
