import { fulfilmentId } from '@portcullis/domain'
import type { AwaitedFulfilmentView, Page } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { unlessMayAsk } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import type { WholeAnswer } from './directoryQueries.ts'
import type { ListOptions } from './listOptions.ts'
import { lookUpNames } from './names.ts'

/** An operation on a target that somebody carries out by hand, with names for people to read. */
export interface AwaitedFulfilment extends Omit<AwaitedFulfilmentView, 'grantId'> {
  readonly id: string
  readonly resourceName: string | null
  readonly roleName: string | null
  readonly subjectName: string | null
}

export interface FulfilmentQueries {
  /** What is waited for, oldest first. */
  fulfilments(caller: Caller, options: ListOptions): Promise<WholeAnswer<Page<AwaitedFulfilment>>>
}

export const fulfilmentQueries = (dependencies: QueryDependencies): FulfilmentQueries => ({
  fulfilments: async (caller, options) => {
    const refusal = await unlessMayAsk(dependencies, caller, 'listFulfilments')
    if (refusal !== undefined) return refusal
    const { items, next } = await dependencies.views.awaitedFulfilments(options)
    const names = await lookUpNames(dependencies, {
      people: items.map(({ subjectId }) => subjectId),
      resources: items.map(({ resourceId }) => resourceId),
    })
    const named = items.map(({ grantId, ...item }) => ({
      id: fulfilmentId(grantId, item.operationId),
      ...item,
      ...names.role(item),
      subjectName: names.person(item.subjectId).displayName,
    }))
    return { ok: true, answer: { items: named, next } }
  },
})
