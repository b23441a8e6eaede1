import { join } from 'node:path'
import { silentLog } from '@portcullis/engine'
import { readMemberships } from '@portcullis/provisioning'
import { openRuntime, readConfig } from '@portcullis/runtime'
import { expect, vi } from 'vitest'
import type { Part } from '../engine/start.ts'
import { loadSample } from '../sample/loadSample.ts'
import {
  environment,
  type Ran,
  type Running,
  startCommand,
  temporaryFolder,
} from './commandLine.ts'
import { runHere } from './runHere.ts'

const REQUEST = 'marketing-basics.alice.r1'
const ASSIGNMENT = 'marketing-basics.alice.a1'
const PATIENCE = { timeout: 120_000, interval: 100 }

/** Real processes on a database of their own, with one data folder. */
export interface Deployment {
  readonly env: NodeJS.ProcessEnv
  /** Starts a process, and doesn't wait for it. */
  start(part: Part, more?: Readonly<Record<string, string>>): Running
  /** Runs a command to its end. @param more variables for it alone */
  run(line: string, more?: Readonly<Record<string, string>>): Promise<Ran>
  /** Loads the sample organisation, as a process of the engine would. */
  loadSample(): Promise<void>
  /**
   * Takes a request of the sample from submitted to delivered, and its assignment to its end. Fails when something of
   * it isn't as it should be.
   */
  liveThrough(): Promise<void>
  /** Ends the processes. @returns what they said and their exit codes, in the order of their start */
  stop(): Promise<readonly Ran[]>
  close(): Promise<void>
}

/** @param variables those that name the servers, at least */
export const openDeployment = async (
  variables: Readonly<Record<string, string>>,
): Promise<Deployment> => {
  const folder = await temporaryFolder()
  const env = environment({ PORTCULLIS_DATA: join(folder.path, 'data'), ...variables })
  const processes: Running[] = []
  const run: Deployment['run'] = (line, more = {}) => runHere(line.split(' '), { ...env, ...more })
  const stop = () => Promise.all(processes.map((each) => each.stop()))
  return {
    env,
    start: (part, more = {}) => {
      const started = startCommand(['start', part, '--no-sample', '--json'], { ...env, ...more })
      processes.push(started)
      return started
    },
    run,
    loadSample: async () => {
      const runtime = await openRuntime(readConfig(env, folder.path), {
        log: silentLog,
        database: 'attach',
      })
      await loadSample(runtime).finally(() => runtime.close())
    },
    liveThrough: async () => {
      const does = async (line: string) => expect(await run(line)).toMatchObject({ code: 0 })
      const held = (roles: readonly string[]) =>
        vi.waitFor(async () => {
          const rows = await readMemberships(join(folder.path, 'data', 'memberships.csv'))
          expect(rows.map(({ subject, role }) => `${subject} ${role}`).sort()).toEqual(roles)
        }, PATIENCE)
      await does('request marketing-basics --as alice --why sample')
      await does(`approve ${REQUEST} --as bob --why sample`)
      await held(['alice marketing-site:member', 'alice marketing-team:member'])
      await vi.waitFor(
        async () =>
          expect((await run(`show ${REQUEST} --as alice`)).stdout).toContain(
            `Request ${REQUEST}: Fulfilled`,
          ),
        PATIENCE,
      )
      await does(`assignment remove ${ASSIGNMENT} --as dan`)
      await held([])
    },
    stop,
    close: async () => {
      await stop()
      await folder.remove()
    },
  }
}
