/**
 * A failure of a target in words for the one who the access is for. What the target itself said may name hosts, paths
 * and accounts, and is for those who manage the package.
 * @param transient tried again automatically, or waiting for somebody to correct something
 */
export const plainFailure = (transient: boolean): string =>
  transient
    ? 'The target system could not do it yet; it is tried again automatically.'
    : 'The target system did not take it; a manager of the access package has to correct something.'
