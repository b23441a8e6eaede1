// A test tool, not EventStoreDB: what can be made to go wrong.

/** Faults that a test asks for; each counts down as it happens. */
export interface DoubleFaults {
  /**
   * The next appends are written, then the call fails before the answer: whether they were is not known to the caller.
   */
  dropAfterCommit: number
  /** The next appends fail as unavailable, and nothing is written. */
  refuseAppends: number
  /** So many appends go well before one of `dropAfterCommit`, `refuseAppends` and `notLeader` happens. */
  appendsBefore: number
  /** The next appends are answered with "not leader", naming this node. */
  notLeader: number
  /** The next events of subscriptions are delivered twice. */
  deliverTwice: number
  /** Subscriptions fail after so many more events; undefined: they don't. */
  cutAfterEvents: number | undefined
  /**
   * The next appends that were written before are answered as timed out (code 10), as a server does now and then that
   * is asked again at once.
   */
  slowRepeats: number
  /** As a server before 23.10: subscriptions don't tell that they have caught up. */
  neverCaughtUp: boolean
  /** Appends and reads wait for so many milliseconds before they are looked at. */
  delayMillis: number
}

export const noFaults = (): DoubleFaults => ({
  dropAfterCommit: 0,
  refuseAppends: 0,
  appendsBefore: 0,
  notLeader: 0,
  deliverTwice: 0,
  cutAfterEvents: undefined,
  slowRepeats: 0,
  neverCaughtUp: false,
  delayMillis: 0,
})

/** The faults that an append meets; counts it. */
export const faultsOfAppend = (faults: DoubleFaults): DoubleFaults => {
  if (faults.appendsBefore === 0) return faults
  faults.appendsBefore -= 1
  return { ...noFaults(), delayMillis: faults.delayMillis }
}
