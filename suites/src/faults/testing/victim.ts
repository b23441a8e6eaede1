import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { endProcess } from '@portcullis/core/testing'
import { lastLines } from '../../crash/testing/engineProcess.ts'

const MAIN = fileURLToPath(new URL('./workerProcess.ts', import.meta.url))

/** A worker in a process of its own, to be killed and started again. */
export interface Victim {
  /** Resolves when it runs. */
  start(): Promise<void>
  /** `kill -9`, at once; resolves when it is gone. */
  kill(): Promise<void>
  readonly running: () => boolean
  /** Rejects when it ends though nobody ended it. */
  readonly died: Promise<never>
  /** How far its clock is ahead of the machine's from now on, milliseconds; a sweep follows. */
  ahead(millis: number): void
}

export const createVictim = (env: Readonly<Record<string, string>>, logFile: string): Victim => {
  let child: ChildProcess | undefined
  let aheadMillis = 0
  const { promise: died, reject } = Promise.withResolvers<never>()
  // The one who waits for it hears of it; when nobody does, it isn't an unhandled rejection.
  died.catch(() => {})
  const killAtExit = () => child?.kill('SIGKILL')
  process.once('exit', killAtExit)
  return {
    running: () => child !== undefined,
    ahead: (millis) => {
      aheadMillis = millis
      if (child?.connected === true) child.send(millis)
    },
    died,
    start: async () => {
      const log = openSync(logFile, 'a')
      const started = fork(MAIN, [], {
        env: { ...env, FAULTS_CLOCK_AHEAD_MILLIS: String(aheadMillis) },
        execArgv: [],
        stdio: ['ignore', log, log, 'ipc'],
      })
      closeSync(log)
      child = started
      started.once('exit', async (code) => {
        if (child !== started) return
        child = undefined
        reject(new Error(`the worker ended by itself (${code}):\n${await lastLines(logFile)}`))
      })
      await Promise.race([once(started, 'message'), died])
      if (started.connected) started.send(aheadMillis)
    },
    kill: async () => {
      const killed = child
      child = undefined
      await endProcess(killed)
    },
  }
}
