/** Requests in the order in which they have to be decided. */
export const mostUrgentFirst = <Request extends { readonly decideBy: string | null }>(
  requests: readonly Request[],
): readonly Request[] =>
  [...requests].sort((one, other) => (one.decideBy ?? '').localeCompare(other.decideBy ?? ''))
