import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { readMemberships } from '@portcullis/provisioning'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  environment,
  type Ran,
  type Running,
  runCommand,
  temporaryFolder,
  typed,
} from './testing/commandLine.ts'

const READY = 'Stop with Ctrl-C; everything is kept.'
const PATIENCE = { timeout: 60_000, interval: 100 }
const REQUEST = 'marketing-basics.alice.r1'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let env: NodeJS.ProcessEnv
let engine: Running

/** What somebody types in the first hour, in that order: one engine for the whole file. */
beforeAll(async () => {
  folder = await temporaryFolder()
  env = environment({ PORTCULLIS_DATA: folder.path })
  await start()
})
afterAll(async () => {
  await engine?.stop()
  await folder?.remove()
})

const start = async (): Promise<void> => {
  engine = typed('./portcullis start', env)
  await engine.says(READY)
}

/** The lines that start prints to be typed. */
const printed = (): readonly string[] =>
  engine.stdout.split('\n').flatMap((line) => /^ {2}(\.\/portcullis .+)$/.exec(line)?.[1] ?? [])

const address = (): string => /ready at (\S+)/.exec(engine.stdout)?.[1] ?? ''

const type = (line: string): Promise<Ran> => typed(line, env).ended

const mails = async (): Promise<readonly string[]> => {
  const names = (await readdir(join(folder.path, 'mails'))).filter((name) => name.endsWith('.eml'))
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder.path, 'mails', name), 'utf8')),
  )
  return texts.map((text) => {
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim()
    return `${header('X-Portcullis-Kind')} → ${header('To')}`
  })
}

describe('the first hour', () => {
  it('the three commands that start prints take a request from submitted to delivered', async () => {
    const [request, approve, show, ...more] = printed()
    expect([request, approve, show, more]).toEqual([
      expect.stringContaining('request marketing-basics --as alice'),
      expect.stringContaining(`approve ${REQUEST} --as bob`),
      expect.stringContaining(`show ${REQUEST} --as alice`),
      [],
    ])
    expect(await type(request ?? '')).toEqual({
      code: 0,
      stdout: `Request ${REQUEST} is PendingApproval.\n`,
      stderr: '',
    })
    expect(await type(approve ?? '')).toMatchObject({
      code: 0,
      stdout: `Request ${REQUEST} is Delivering.\n`,
    })
    const shown = await type(show ?? '')
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain(`Request ${REQUEST}: Fulfilled`)
    expect(shown.stdout).toContain('Marketing team: Member (marketing-team/member): present')
    expect(shown.stdout).toMatch(/In the memberships file:\n {2}marketing-\S+, /)
    expect(shown.stdout).toMatch(/ApprovalGranted\.v1 {2}by bob/)
  })

  it('the mails lie in the data folder: asked, approved, delivered', async () => {
    await vi.waitFor(
      async () =>
        expect(await mails()).toEqual(
          expect.arrayContaining([
            'approval-requested → Bob Okafor <bob@northwind-harbour.example>',
            'approved → Alice Brandt <alice@northwind-harbour.example>',
            'delivered → Alice Brandt <alice@northwind-harbour.example>',
          ]),
        ),
      PATIENCE,
    )
    expect((await mails()).filter((mail) => mail.includes('alice'))).toHaveLength(2)
    const ledger = await type('./portcullis mails --to alice --status accepted --json')
    expect(JSON.parse(ledger.stdout).mails).toHaveLength(2)
    // What is sent stays sent; and nothing was refused.
    const { id } = JSON.parse(ledger.stdout).mails[0]
    expect(await type(`./portcullis mails retry ${id}`)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`${id}: is sent, being sent or withdrawn`),
    })
    expect(await type('./portcullis mails retry --refused')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 mails are tried again'),
    })
  })

  it('the membership is in the memberships file', async () => {
    const rows = await readMemberships(join(folder.path, 'memberships.csv'))
    expect(rows.map(({ subject, role }) => `${subject} ${role}`).sort()).toEqual([
      'alice marketing-site:member',
      'alice marketing-team:member',
    ])
  })

  it('the API answers who has a token, and nobody else', async () => {
    const line = /token --as \S+/.exec(engine.stdout)?.[0] ?? ''
    const { stdout } = await type(`./portcullis ${line}`)
    const get = (headers: Record<string, string>) =>
      fetch(`${address()}/v1/requests/${REQUEST}`, { headers })
    const answer = await get({ authorization: `Bearer ${stdout.trim()}` })
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { id: REQUEST, status: 'Fulfilled' },
    ])
    for (const headers of [{}, { authorization: 'Bearer nonsense' }]) {
      const refused = await get(headers)
      expect(refused.status).toBe(401)
      expect(await refused.json()).toMatchObject({
        code: expect.stringContaining('authentication.'),
      })
    }
    expect((await fetch(`${address()}/docs`)).status).toBe(200)
  })

  it('a second engine on the same data says that the first one has them', async () => {
    const second = await runCommand(['start'], env)
    expect(second).toMatchObject({ code: 3, stdout: '' })
    expect(second.stderr).toMatch(/is in use by another engine .*Stop that one first/)
  })

  it('an engine whose port is taken names the variable to change', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void squatter.close())
    const taken = await vi.waitUntil(() => squatter.address(), PATIENCE)
    const port = typeof taken === 'object' ? taken.port : 0
    const other = await temporaryFolder()
    onTestFinished(other.remove)
    const ran = await runCommand(
      ['start', '--no-sample'],
      environment({ PORTCULLIS_DATA: other.path, PORTCULLIS_PORT: String(port) }),
    )
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(
      `PORTCULLIS_PORT: port ${port} of 127.0.0.1 is taken by another program`,
    )
  })

  it('Ctrl-C stops it gracefully, and everything is there when it starts again', async () => {
    const stopped = await engine.stop()
    expect(stopped.code).toBe(0)
    expect(stopped.stderr).toContain('Everything is kept')
    // Nothing but the log's own lines and the greeting: no warning, no stack, no connection that was cut off.
    expect(stopped.stdout).not.toMatch(/"level":[45]0/)
    expect(stopped.stderr).not.toMatch(/warning|error/i)

    await start()
    expect(engine.stderr).not.toContain('loading the sample')
    expect(printed()[0]).toContain('--as mareike-doering')
    const { stdout } = await runCommand(['show', REQUEST, '--as', 'alice', '--json'], env)
    expect(JSON.parse(stdout)).toMatchObject({
      request: { status: 'Fulfilled' },
      assignment: { status: 'Delivered' },
      memberships: [{ subject: 'alice' }, { subject: 'alice' }],
    })
  })
})
