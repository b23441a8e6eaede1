import type { ViewEvent } from './projection.ts'

/** Events of the given stored names, typed as such. A projector that is given others passes over them. */
export const ofTypes = <Type extends ViewEvent['type']>(
  events: readonly ViewEvent[],
  types: readonly Type[],
): readonly Extract<ViewEvent, { type: Type }>[] => {
  const wanted: ReadonlySet<string> = new Set(types)
  return events.filter((event): event is Extract<ViewEvent, { type: Type }> =>
    wanted.has(event.type),
  )
}
