import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  environment,
  type Ran,
  ROOT,
  type Running,
  startCommand,
  temporaryFolder,
  typed,
} from './testing/commandLine.ts'
import { comparable, stepsOf } from './testing/consoleBlocks.ts'
import { runHere, wordsOf } from './testing/runHere.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }
/** Commands that only look: what they show may take a moment to come about. */
const LOOKS =
  /^\.\/portcullis (?:\S+ )?(?:show|list|inbox|why|validate|history|versions|roll-out)\b/

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let env: NodeJS.ProcessEnv
let engine: Running

beforeAll(async () => {
  folder = await temporaryFolder()
  env = environment({ PORTCULLIS_DATA: join(folder.path, 'data') })
  engine = startCommand(['start', '--json'], env)
  await engine.says('"event":"started"')
})
afterAll(async () => {
  await engine?.stop()
  await folder?.remove()
})

/**
 * Types a line as the page has it, on this run's data, without the launcher that only installs; what needs no shell is
 * run in this process.
 */
const type = async (line: string): Promise<string> => {
  const onItsData = line.replaceAll(' data/', ` ${folder.path}/data/`)
  const [program, ...words] = wordsOf(onItsData) ?? []
  const { stdout, stderr } =
    program === './portcullis' ? await runHere(words, env) : await inShell(onItsData)
  return comparable(`${stdout}${stderr}`, join(folder.path, 'data'))
}

const inShell = (line: string): Promise<Ran> => {
  const here = line
    .replaceAll('./portcullis ', `"${process.execPath}" services/operator/src/main.ts `)
    .replaceAll("'", "'\\''")
  return typed(`/bin/sh -c '${here}'`, env).ended
}

const page = await readFile(join(ROOT, 'docs', 'tutorials', 'administrator.md'), 'utf8')
const steps = stepsOf(page)

/** What the product document's administrator does, one section after the other. */
describe('the administrator’s tutorial, typed as it is printed', () => {
  it('shows commands', () => {
    expect(steps.length).toBeGreaterThan(40)
  })

  it.each(steps)('$line', async ({ line, output }) => {
    const setting = /^export (\w+)=(\w+)$/.exec(line)
    if (setting !== null) {
      env = { ...env, [setting[1] ?? '']: setting[2] }
      return
    }
    const expected = comparable(output, '…/data')
    if (LOOKS.test(line))
      await vi.waitFor(async () => expect(await type(line)).toBe(expected), PATIENCE)
    else expect(await type(line)).toBe(expected)
  })
})
