import type { Refusal } from '@portcullis/core'
import type { Caller } from '../caller.ts'
import { unlessMayAsk } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'

export interface QueueQueries {
  /** May they look into the queues? */
  mayViewQueues(
    caller: Caller,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly refusal: Refusal }>
}

export const queueQueries = (dependencies: QueryDependencies): QueueQueries => ({
  mayViewQueues: async (caller) =>
    (await unlessMayAsk(dependencies, caller, 'viewQueues')) ?? { ok: true },
})
