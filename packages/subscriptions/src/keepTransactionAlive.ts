/** The longest that work is helped so, milliseconds: what takes longer hangs, and is better tried again. */
const LONGEST_MILLIS = 60_000

/**
 * Runs `work` in a transaction whose connection it may leave alone for longer than the server bears: sends a keep-alive
 * query over it now and then.
 * A process that is frozen, killed or cut off sends none, and is rolled back all the same.
 * @param ping a statement over that connection
 * @param patienceMillis for how long the server bears an idle transaction
 */
export const keepTransactionAlive = async (
  ping: () => Promise<unknown>,
  patienceMillis: number,
  work: () => Promise<void>,
): Promise<void> => {
  let pinging: Promise<unknown> | undefined
  let left = Math.floor((LONGEST_MILLIS * 3) / patienceMillis)
  const timer = setInterval(() => {
    // One at a time: while a statement of the work runs, nobody is idle.
    if (pinging !== undefined || left <= 0) return
    left -= 1
    pinging = ping().then(
      () => {
        pinging = undefined
      },
      // The work's own next statement says what is wrong.
      () => {},
    )
  }, patienceMillis / 3)
  try {
    await work()
  } finally {
    clearInterval(timer)
    await pinging
  }
}
