import { accountSchema } from '@portcullis/domain'
import { ConnectorError, type ReadBack, type TargetAccount } from '@portcullis/provisioning'
import type { CallOutcome } from './connectorCalls.ts'

/** "Not known" is a failed try, unless no asking could tell and the target's word has to do. */
export const knownFrom = (answer: CallOutcome<ReadBack>): CallOutcome<ReadBack> =>
  answer.ok && answer.value.state === 'unknown' && !answer.value.unreadable
    ? {
        ok: false,
        error: new ConnectorError(answer.value.code, answer.value.reason, { transient: false }),
      }
    : answer

export const accountIn = (says: ReadBack): TargetAccount | null =>
  says.state === 'unknown' ? null : storable(says.account)

/** What an event can't hold is left out: then the account is found by its names, as before. */
export const storable = (account: TargetAccount | null): TargetAccount | null =>
  account !== null && accountSchema.safeParse(account).success ? account : null
