import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/**
 * Ends a process that a test has started; nothing when there is none, or it has ended already.
 * @param signal SIGKILL when absent
 * @param patienceMillis after which one that ignores another signal is killed
 * @returns when it is gone
 */
export const endProcess = async (
  child: ChildProcess | undefined,
  signal: NodeJS.Signals = 'SIGKILL',
  patienceMillis = 60_000,
): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const hard = setTimeout(() => child.kill('SIGKILL'), patienceMillis)
  await ended
  clearTimeout(hard)
}
