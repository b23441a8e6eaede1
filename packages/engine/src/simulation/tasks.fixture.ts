import { setImmediate as nextTurn } from 'node:timers/promises'

/** Something under way in a process, which may be suspended between any two of its steps. */
export interface Task {
  /** A step ends here: undefined when it may go on at once. */
  readonly gate: () => Promise<void> | undefined
}

export interface Tasks {
  /** Begins something, and lets it do so many steps. */
  start(steps: number, work: (task: Task) => Promise<void>): Promise<void>
  /** Lets the n-th of those that are suspended do so many steps more. */
  resume(index: number, steps: number): Promise<void>
  count(): number
  /** The process is killed: what was under way never does another step. */
  kill(): void
}

interface Entry {
  steps: number
  waiting: (() => void)[]
  killed: boolean
  readonly ended: Promise<void>
}

export const createTasks = (): Tasks => {
  let entries: readonly Entry[] = []

  const proceed = async (entry: Entry, steps: number): Promise<void> => {
    entry.steps = steps
    const woken = entry.waiting
    entry.waiting = []
    for (const wake of woken) wake()
    if (steps === Number.POSITIVE_INFINITY) await entry.ended
    // Everything here happens in memory: by the next turn it is suspended, or done.
    else await nextTurn()
  }
  return {
    count: () => entries.length,
    start: async (steps, work) => {
      const gate = (): Promise<void> | undefined => {
        if (entry.steps > 0 && !entry.killed) {
          entry.steps -= 1
          return undefined
        }
        return new Promise((resolve) => {
          if (!entry.killed) entry.waiting.push(resolve)
        })
      }
      let begin: () => void = () => {}
      const begun = new Promise<void>((resolve) => {
        begin = resolve
      })
      const ended = begun
        .then(() => work({ gate }))
        .finally(() => {
          entries = entries.filter((other) => other !== entry)
        })
      const entry: Entry = { steps, waiting: [], killed: false, ended }
      entries = [...entries, entry]
      begin()
      await proceed(entry, steps)
    },
    resume: async (index, steps) => {
      const entry = entries[index]
      if (entry !== undefined) await proceed(entry, steps)
    },
    kill: () => {
      for (const entry of entries) entry.killed = true
      entries = []
    },
  }
}
