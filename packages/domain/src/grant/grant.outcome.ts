import { accept, type Decision, type DecisionContext } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import { cleanText } from '../text.ts'
import type { GrantFacts } from './grant.facts.ts'
import { retryTime } from './grant.retry.ts'
import { effectOf, type OperationInFlight, type TargetAccount } from './grant.state.ts'

export interface CompleteOperation {
  readonly type: 'CompleteOperation'
  readonly operationId: string
  /**
   * What the target said when read back after the operation. `unknown`: it can't be asked, and its word that it is done
   * counts: that is what the receipt says.
   */
  readonly readBack: 'present' | 'absent' | 'unknown'
  readonly readAt: string
  /** Of a grant: whom the target gave it to, by its own names. */
  readonly account?: TargetAccount | null
}

export interface FailOperation {
  readonly type: 'FailOperation'
  readonly operationId: string
  readonly code: string
  readonly message: string
  readonly transient: boolean
  /** What the target asked us to wait (Retry-After), milliseconds; null when it said nothing. */
  readonly retryAfterMillis: number | null
}

type Tried = Pick<OperationInFlight, 'operationId' | 'operation' | 'attempt'>

/** S21: a try that didn't succeed, and when the next one is. */
export const failOperation = (
  { operationId, operation, attempt }: Tried,
  error: Pick<FailOperation, 'code' | 'message' | 'transient' | 'retryAfterMillis'>,
  context: DecisionContext,
  facts: GrantFacts,
): Decision<GrantEvent> => {
  const { transient, retryAfterMillis } = error
  // What a target says may be anything; an event that the store refuses would fail for ever.
  const code = cleanText(error.code, 100) || 'provisioning.unknown-error'
  const message = cleanText(error.message, 2000) || 'The target gave no reason.'
  // A revoke never gives up (promise 2).
  const retryAt =
    transient || operation === 'revoke'
      ? retryTime(context.now, operation, attempt, operationId, retryAfterMillis)
      : null
  return accept({
    type: 'ProvisioningFailed.v1',
    data: { ...facts, operationId, operation, attempt, code, message, transient, retryAt },
  })
}

/** An operation that the target carried out: as it says when read back or, where it can't be asked, by its word. */
export const completeOperation = (
  tried: Tried,
  { readBack, readAt, account = null }: Pick<CompleteOperation, 'readBack' | 'readAt' | 'account'>,
  context: DecisionContext,
  facts: GrantFacts,
): Decision<GrantEvent> => {
  const { operationId, operation, attempt } = tried
  if (readBack !== 'unknown' && readBack !== effectOf(operation)) {
    const error = {
      code: `provisioning.read-back-${readBack}`,
      message: `The target accepted the ${operation}, but says that the access is ${readBack}.`,
      transient: true,
      retryAfterMillis: null,
    }
    return failOperation(tried, error, context, facts)
  }
  const kind = readBack === 'unknown' ? 'acknowledged' : 'read-back'
  const data = { ...facts, operationId, attempt, receipt: { kind, at: readAt } } as const
  return operation === 'grant'
    ? accept({ type: 'AccessProvisioned.v2', data: { ...data, account } })
    : accept({ type: 'AccessRevoked.v3', data })
}
