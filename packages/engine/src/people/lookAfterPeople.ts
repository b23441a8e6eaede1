import { isTransientError } from '@portcullis/postgres'
import { errorText, type Log } from '../log.ts'
import { lookAfterApprovers } from './lookAfterApprovers.ts'
import { type LeaverCare, lookAfterLeavers } from './lookAfterLeavers.ts'

/**
 * What a sweep does about people who left: what they have, and what waits for them. A failure of one leaves the other,
 * and the sweep, alone: the next one tries again.
 */
export const createPeopleCare =
  (care: LeaverCare & { readonly log: Log }): ((signal: AbortSignal) => Promise<void>) =>
  async (signal) => {
    for (const look of [() => lookAfterLeavers(care, signal), () => lookAfterApprovers(care)])
      await look().catch((error: unknown) => {
        if (isTransientError(error)) throw error
        care.log.error({ error: errorText(error) }, 'people who left could not be looked after')
      })
  }
