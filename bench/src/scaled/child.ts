import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of the bench's own: `first` is what it says when it is ready. It ends when its parent lets go of it. */
export interface Child {
  readonly first: unknown
  /** Hands something over and waits for the answer. */
  ask(message: object): Promise<unknown>
  stop(): Promise<void>
}

/** @throws Error when it ends before it is ready */
export const startChild = async (
  script: URL,
  env: Readonly<Record<string, string>>,
): Promise<Child> => {
  const child = fork(fileURLToPath(script), {
    env: { ...process.env, ...env },
  })
  return { first: await answerOf(child, script), ...talk(child, script) }
}

const talk = (child: ChildProcess, script: URL): Pick<Child, 'ask' | 'stop'> => ({
  ask: (message) => {
    child.send(message)
    return answerOf(child, script)
  },
  stop: async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  },
})

const answerOf = (child: ChildProcess, script: URL): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const end = (code: number | null): void =>
      reject(new Error(`${script.pathname} ended with ${code}`))
    child.once('exit', end)
    child.once('message', (message) => {
      child.off('exit', end)
      resolve(message)
    })
  })
