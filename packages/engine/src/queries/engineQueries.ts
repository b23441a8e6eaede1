import type { Position, Refusal } from '@portcullis/core'
import type { Person } from '@portcullis/directory'
import type { ProjectionStatus } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { personOf } from '../facts/states.ts'
import type { ReactorStatus } from '../reactors.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { unlessMayAsk } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'

export interface EngineQueries {
  /** Waits until every view shows that position; throws ViewsLagging after `timeoutMs`. */
  waitFor(position: Position, timeoutMs: number): Promise<void>

  whoAmI(
    caller: Caller,
  ): Promise<{ readonly person: Person | null; readonly groupIds: readonly string[] }>
  projections(caller: Caller): Promise<
    | {
        readonly ok: true
        readonly items: readonly ProjectionStatus[]
        readonly reactors: readonly ReactorStatus[]
      }
    | { readonly ok: false; readonly refusal: Refusal }
  >
}

/** What the engine says of itself and of the caller. */
export const engineQueries = (dependencies: QueryDependencies): EngineQueries => {
  const { clock, directory, projections, reactors } = dependencies
  return {
    waitFor: async (position: Position, timeoutMs: number) => {
      if (!(await projections.waitFor(position, timeoutMs))) throw new ViewsLagging(position)
    },

    whoAmI: async (caller) => {
      const person = await personOf(directory, caller.actor)
      if (!person?.enabled) return { person: person ?? null, groupIds: [] }
      return { person, groupIds: await directory.groupsOf(person.id, clock.now()) }
    },

    projections: async (caller) =>
      (await unlessMayAsk(dependencies, caller, 'listProjections')) ?? {
        ok: true,
        items: await projections.status(),
        reactors: await reactors.status(),
      },
  }
}
