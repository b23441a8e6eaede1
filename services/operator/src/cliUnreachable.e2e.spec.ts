import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  environment,
  linesOf,
  ROOT,
  runCommand,
  startCommand,
  temporaryFolder,
} from './testing/commandLine.ts'
import { runHere } from './testing/runHere.ts'

const SAMPLE = join(ROOT, 'examples', 'northwind-harbour')

let empty: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  empty = await temporaryFolder()
})
afterAll(async () => {
  await empty?.remove()
})

describe('while nothing runs: exit code 3 and the way out', () => {
  it.each([
    'events tail',
    'events show catalog-default',
    'projection status',
    'projection rebuild grants',
    'mails',
    `import ${SAMPLE}`,
  ])('%s', async (line) => {
    const ran = await runHere(
      line.split(' '),
      environment({ PORTCULLIS_DATA: join(empty.path, 'data') }),
    )
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr).toContain('Start the engine first')
  })

  it('request, in a data folder that an engine has used', async () => {
    const ran = await runCommand(
      ['request', 'marketing-basics', '--as', 'alice'],
      environment({ PORTCULLIS_DATA: empty.path, PORTCULLIS_PORT: '1' }),
    )
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr).toMatch(/nothing answers at http:\/\/127.0.0.1:1\/.*start the engine first/)
  })

  it('token, where there is no data folder: a key made there would be of no use', async () => {
    const ran = await runCommand(
      ['token', '--as', 'alice'],
      environment({ PORTCULLIS_DATA: join(empty.path, 'none') }),
    )
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr).toContain('start the engine first')
  })

  it('a database of its own that does not answer, without its password', async () => {
    const ran = await runCommand(
      ['start', '--json'],
      environment({
        PORTCULLIS_DATA: empty.path,
        DATABASE_URL: 'postgres://user:hidden@127.0.0.1:1/x',
      }),
    )
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(linesOf(ran.stderr)).toEqual([
      {
        error: {
          code: 'database.unreachable',
          message: expect.stringContaining('DATABASE_URL: the database can'),
        },
      },
    ])
    expect(ran.stderr).not.toContain('hidden')
  })
})

it('an engine whose Redis does not answer says so, takes requests, and stops gracefully', async () => {
  const folder = await temporaryFolder()
  onTestFinished(folder.remove)
  const engine = startCommand(
    ['start', '--json'],
    environment({ PORTCULLIS_DATA: folder.path, REDIS_URL: 'redis://127.0.0.1:1' }),
  )
  onTestFinished(async () => void (await engine.stop()))
  await engine.says('"event":"started"')
  const asked = await runCommand(
    ['request', 'marketing-basics', '--as', 'alice', '--why', 'Fair', '--json'],
    environment({ PORTCULLIS_DATA: folder.path }),
  )
  expect(linesOf(asked.stdout)).toMatchObject([{ status: 'PendingApproval' }])
  await engine.says('"loop":"queue provision"')
  expect(await engine.stop()).toMatchObject({ code: 0, stderr: '' })
})
