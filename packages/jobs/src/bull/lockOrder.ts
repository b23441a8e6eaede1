/**
 * Jobs with ids of their own in the order of these, each in the place of another such; the others stay where they are.
 * A bulk is one transaction, which holds the rows that it has inserted: two that add the same ids in different orders
 * would each wait for the other, until the server ends one of them (deadlock).
 */
export const inLockOrder = <Job extends { readonly opts: { readonly jobId?: string } }>(
  jobs: readonly Job[],
): readonly Job[] => {
  const named = jobs
    .filter(({ opts }) => opts.jobId !== undefined)
    .sort((one, other) => ((one.opts.jobId ?? '') < (other.opts.jobId ?? '') ? -1 : 1))
    .values()
  return jobs.map((job) => (job.opts.jobId === undefined ? job : (named.next().value ?? job)))
}
