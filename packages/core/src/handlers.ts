/** What is done about events, by their stored names. */
export interface Handlers<E extends { readonly type: string }, Type extends string, Result> {
  /** The stored names: what has to be given to the code that does it. */
  readonly types: readonly Type[]
  /** @returns undefined for events about which nothing is done */
  handle(event: E): Result | undefined
}

/** One function for each kind of event, so that the list of those that matter follows from what is done. */
export const handlers =
  <E extends { readonly type: string }, Result>() =>
  <Type extends E['type']>(
    byType: {
      readonly [T in Type]: (event: Extract<E, { readonly type: T }>) => Result
    },
  ): Handlers<E, Type, Result> => {
    // Each is called with events of the name that it is under alone.
    const functions = new Map(Object.entries<(event: never) => Result>(byType))
    return {
      types: Object.keys(byType) as Type[],
      handle: (event) => functions.get(event.type)?.(event as never),
    }
  }
