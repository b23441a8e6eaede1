import { accept, type Decision, type DecisionContext } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import { cleanText } from '../text.ts'
import type { GrantCommand, GrantFacts } from './grant.commands.ts'
import { retryTime } from './grant.retry.ts'
import { effectOf, type OperationInFlight } from './grant.state.ts'

type Of<Type extends GrantCommand['type']> = Extract<GrantCommand, { type: Type }>
type Tried = Pick<OperationInFlight, 'operationId' | 'operation' | 'attempt'>

/** A try that didn't succeed, and when the next one is. */
export const failed = (
  { operationId, operation, attempt }: Tried,
  error: Pick<Of<'FailOperation'>, 'code' | 'message' | 'transient' | 'retryAfterMillis'>,
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
export const completed = (
  tried: Tried,
  {
    readBack,
    readAt,
    account = null,
  }: Pick<Of<'CompleteOperation'>, 'readBack' | 'readAt' | 'account'>,
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
    return failed(tried, error, context, facts)
  }
  const kind = readBack === 'unknown' ? 'acknowledged' : 'read-back'
  const data = { ...facts, operationId, attempt, receipt: { kind, at: readAt } } as const
  return operation === 'grant'
    ? accept({ type: 'AccessProvisioned.v2', data: { ...data, account } })
    : accept({ type: 'AccessRevoked.v3', data })
}
