import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  environment,
  linesOf,
  ROOT,
  type Running,
  runCommand,
  startCommand,
  temporaryFolder,
} from './testing/commandLine.ts'
import { runHere } from './testing/runHere.ts'

const SAMPLE = join(ROOT, 'examples', 'northwind-harbour')

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

const run = (line: string) => runHere(line.split(' '), env)

describe('portcullis import', () => {
  it('stops before a cut-off file disables everybody, and says how to go on', async () => {
    const files = await temporaryFolder()
    const whole = (await readFile(join(SAMPLE, 'people.csv'), 'utf8')).split('\n')
    await writeFile(join(files.path, 'people.csv'), `${whole.slice(0, 2).join('\n')}\n`)
    for (const flags of ['', ' --dry-run']) {
      const ran = await run(`import ${files.path}${flags}`)
      expect(ran.code).toBe(4)
      expect(ran.stderr).toMatch(/^\d+ of \d+ people would be disabled: .*, and \d+ more/m)
      expect(ran.stderr).toContain('--allow-removals')
    }
    const { stderr } = await run(`import ${files.path} --json`)
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'directory.removals-held', holds: expect.anything() },
    })
    // Anybody who is User administrator stays, whatever is allowed besides.
    await writeFile(join(files.path, 'people.csv'), `${whole[0]}\n`)
    const all = await run(`import ${files.path} --allow-removals --json`)
    expect(all.code).toBe(4)
    expect(JSON.parse(all.stderr)).toMatchObject({
      error: { code: 'directory.last-administrator' },
    })
    await files.remove()
    expect((await run('inbox --as bob')).code).toBe(0)
  })

  it('says what it imported, and notes it in the log', async () => {
    const ran = await runCommand(['import', SAMPLE], env)
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(/^Imported: .*275 people, .*\.\nNothing goes by it\.$/m)
    const noted = await run('events tail --type DirectoryImported.v1 --last 1000 --json')
    const [sample, again] = linesOf(noted.stdout)
    expect(sample).toMatchObject({ metadata: { actor: { id: 'sample-loader' } } })
    expect(again).toMatchObject({
      type: 'DirectoryImported.v1',
      metadata: { actor: { kind: 'service', id: 'operator' } },
      data: { source: 'northwind-harbour', removed: [] },
    })
    expect(noted.stdout).not.toMatch(/@|alice/)
  })

  it('names who imported, where the directory knows them', async () => {
    expect((await run(`import ${SAMPLE} --as ghost`)).code).toBe(2)
    expect((await run(`import ${SAMPLE} --as carol`)).code).toBe(0)
    const noted = await run('events tail --type DirectoryImported.v1 --last 1000 --json')
    expect(linesOf(noted.stdout).at(-1)).toMatchObject({
      metadata: { actor: { kind: 'user', id: 'carol' } },
    })
  })
})

describe('portcullis leavers release', () => {
  it('is for User administrators, and says when there is nothing to release', async () => {
    const refused = await run('leavers release --as bob')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('leavers.forbidden'),
    ])
    const nothing = await run('leavers release --as carol')
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('nothing is held')])
    expect((await run('leavers release')).code).toBe(2)
  })
})
