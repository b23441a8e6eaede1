import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readFile } from 'node:fs/promises'
import { endProcess } from '@portcullis/core/testing'
import { COMMAND_LINE } from '@portcullis/operator/testing'

const START_MILLIS = 240_000
const STARTED = '"event":"started"'

export type Environment = Readonly<Record<string, string>>

/** `portcullis start` in a process of its own, to be killed and started again. */
export interface EngineProcess {
  /** Resolves when it says that it runs. */
  start(): Promise<void>
  /** `kill -9`, at once; resolves when the process is gone. */
  kill(): Promise<void>
  /** As Ctrl-C. Nothing when it doesn't run. */
  stop(): Promise<void>
  /** Of the process that was started last; undefined before. */
  readonly pid: number | undefined
  /** Rejects when it ends though nobody ended it. */
  readonly died: Promise<never>
}

export const createEngineProcess = (
  part: 'all' | 'api' | 'worker',
  env: Environment,
  logFile: string,
): EngineProcess => {
  let child: ChildProcess | undefined
  let pid: number | undefined
  const { promise: died, reject } = Promise.withResolvers<never>()
  // The one who waits for it hears of it; when nobody does, it isn't an unhandled rejection.
  died.catch(() => {})
  const killAtExit = () => child?.kill('SIGKILL')

  const end = async (signal: 'SIGKILL' | 'SIGINT'): Promise<void> => {
    const ending = child
    child = undefined
    process.removeListener('exit', killAtExit)
    await endProcess(ending, signal)
  }

  return {
    died,
    get pid() {
      return pid
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    start: async () => {
      const started = spawn(
        process.execPath,
        [COMMAND_LINE, 'start', part, '--no-sample', '--json'],
        {
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      child = started
      pid = started.pid
      process.once('exit', killAtExit)
      const running = Promise.withResolvers<void>()
      let line = ''
      const keep = (text: string): void => {
        void appendFile(logFile, text)
        // What is written in one piece may come in two.
        line += text
        if (line.includes(STARTED)) running.resolve()
        line = line.slice(line.lastIndexOf('\n') + 1)
      }
      started.stdout.setEncoding('utf8').on('data', keep)
      started.stderr
        .setEncoding('utf8')
        .on('data', (text: string) => void appendFile(logFile, text))
      started.once('exit', async (code, signal) => {
        if (child !== started) return
        const error = new Error(
          `${part} ended by itself (${signal ?? code}):\n${await lastLines(logFile)}`,
        )
        running.reject(error)
        reject(error)
      })
      const late = setTimeout(
        async () =>
          running.reject(new Error(`${part} doesn't get ready:\n${await lastLines(logFile)}`)),
        START_MILLIS,
      )
      try {
        await running.promise
      } finally {
        clearTimeout(late)
      }
    },
  }
}

const LINES = 40

export const lastLines = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').slice(-LINES).join('\n')

/** Runs another command of the CLI to its end. @throws Error with what it wrote when its exit code isn't 0 */
export const runCli = async (args: readonly string[], env: Environment): Promise<string> => {
  const child = spawn(process.execPath, [COMMAND_LINE, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (text: string): void => {
    output += text
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`portcullis ${args.join(' ')} ended with ${code}:\n${output}`)
  return output
}
