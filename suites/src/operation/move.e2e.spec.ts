import { join } from 'node:path'
import { type DoubleProcess, startDoubleProcess } from '@portcullis/event-store/testing'
import {
  environment,
  linesOf,
  runCommand,
  startCommand,
  temporaryFolder,
} from '@portcullis/operator/testing'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let double: DoubleProcess
let here: NodeJS.ProcessEnv
let there: NodeJS.ProcessEnv

beforeAll(async () => {
  folder = await temporaryFolder()
  double = await startDoubleProcess({ file: join(folder.path, 'eventstoredb.jsonl') })
  here = environment({ PORTCULLIS_DATA: join(folder.path, 'data') })
  there = { ...here, EVENTSTORE_URL: double.url, EVENTSTORE_PREFIX: 'acme_' }
})
afterAll(async () => {
  await double?.close()
  await folder?.remove()
})

const run = (line: string, env: NodeJS.ProcessEnv) => runCommand(line.split(' '), env)

/** Runs an engine on that log for as long as the work takes. */
const withEngine = async (env: NodeJS.ProcessEnv, work: () => Promise<void>): Promise<void> => {
  const engine = startCommand(['start', '--json'], env)
  onTestFinished(async () => void (await engine.stop()))
  await engine.says('"event":"started"')
  await work()
  expect(await engine.stop()).toMatchObject({ code: 0 })
}

const expectDelivered = async (who: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const asked = await run(`request marketing-basics --as ${who} --why Fair --json`, env)
  expect(asked.stderr).toBe('')
  expect((await run(`approve marketing-basics.${who}.r1 --as bob --json`, env)).code).toBe(0)
  const shown = await run(`show marketing-basics.${who}.r1 --as ${who} --json`, env)
  expect(linesOf(shown.stdout)).toMatchObject([{ request: { status: 'Fulfilled' } }])
}

const expectViewsRight = async (env: NodeJS.ProcessEnv): Promise<void> =>
  expect((await run('projection verify entitlements --json', env)).stdout).toContain('"equal":true')

it('an engine moves to EventStoreDB, and its views are right', async () => {
  await withEngine(here, async () => {
    await expectDelivered('alice', here)
    const refused = await run('move --to eventstoredb --json', there)
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(linesOf(refused.stderr)).toMatchObject([{ error: { code: /embedded-postgres/ } }])
  })

  const moved = await run('move --to eventstoredb --switch', there)
  expect(moved.code).toBe(0)
  expect(moved.stdout).toMatch(/SHA-256 of both logs: [0-9a-f]{64}\n/)
  expect(moved.stdout).toContain('start the engine with EVENTSTORE_URL set')
  expect(moved.stderr).toMatch(/copying: [\d,]+ of [\d,]+ \(100 %\), 0 left/)
  expect(moved.stderr).toContain('filling entitlements')

  // The log that was left isn't taken up again by mistake.
  const left = await run('start --json', here)
  expect(left).toMatchObject({ code: 2 })
  expect(left.stderr).toContain('follow the log eventstoredb:acme_ since')

  await withEngine(there, async () => expectViewsRight(there))
}, 600_000)

it('needs to know where to', async () => {
  expect((await run('move --to elsewhere', there)).stderr).toContain('eventstoredb, postgresql')
  expect((await run('move --to eventstoredb', here)).stderr).toContain('EVENTSTORE_URL must name')
})
