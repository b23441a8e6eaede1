import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { type ScimServer, startScimServer } from '@portcullis/provisioning/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  environment,
  linesOf,
  runCommand,
  startCommand,
  temporaryFolder,
} from './testing/commandLine.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let scim: ScimServer
let silent: Server
let env: NodeJS.ProcessEnv

const configure = (connectors: unknown) =>
  writeFile(join(folder.path, 'connectors.json'), JSON.stringify(connectors))
const run = (line: string, more: Readonly<Record<string, string>> = {}) =>
  runCommand(line.split(' '), { ...env, ...more })

const file = { name: 'file', kind: 'file', path: 'memberships.csv' }
const idm = () => ({ name: 'idm', kind: 'scim', baseUrl: scim.url, tokenEnv: 'IDM_TOKEN' })

beforeAll(async () => {
  folder = await temporaryFolder()
  scim = await startScimServer()
  silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  env = environment({
    PORTCULLIS_DATA: join(folder.path, 'data'),
    PORTCULLIS_CONNECTORS: join(folder.path, 'connectors.json'),
    IDM_TOKEN: scim.token,
  })
})
afterAll(async () => {
  await scim?.close()
  silent?.close()
  await folder?.remove()
})

describe('connector list', () => {
  it('tells what is configured, without its secrets', async () => {
    await configure([file, { ...idm(), tokenEnv: 'NOT_SET' }])
    const ran = await run('connector list')
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(/^file +file +memberships\.csv$/m)
    expect(ran.stdout).toContain(`idm        scim  ${scim.url}`)
  })

  it('tells of the one that is there without a file', async () => {
    const ran = await run('connector list --json', { PORTCULLIS_CONNECTORS: '' })
    expect(linesOf(ran.stdout)).toEqual([
      { connectors: [{ name: 'file', kind: 'file', target: expect.stringContaining('.csv') }] },
    ])
  })
})

describe('connector test', () => {
  it('is content when all are ready, with no engine running', async () => {
    await configure([file, idm()])
    const ran = await run('connector test')
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout.match(/ready$/gm)).toHaveLength(2)
  })

  it('finds out what a SCIM service does of what not all do', async () => {
    await configure([file, idm()])
    const empty = await run('connector test idm')
    expect(empty.stdout).toMatch(/^idm +read-back +not known$/m)
    expect(empty.stdout).toContain("isn't known whether it tells who has what")
    scim.addMember(scim.addGroup('Staff'), scim.addUser({ userName: 'anna' }))
    const ran = await run('connector test --json')
    expect(linesOf(ran.stdout)).toMatchObject([
      {
        connectors: [
          { name: 'file', ready: true },
          {
            name: 'idm',
            ready: true,
            abilities: [
              { ability: 'find-by-external-id', can: 'yes' },
              { ability: 'find-by-email', can: expect.stringMatching(/yes|no/) },
              { ability: 'list-members', can: 'yes' },
              { ability: 'filter-by-member', can: 'yes' },
              { ability: 'tell-groups-of-account', can: 'no' },
              { ability: 'read-back', can: 'yes' },
            ],
          },
        ],
      },
    ])
    expect(scim.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('tells what to correct, and goes on with the others', async () => {
    await configure([file, idm(), { ...idm(), name: 'gone', baseUrl: 'http://127.0.0.1:1/scim' }])
    const ran = await run('connector test', { IDM_TOKEN: 'a-wrong-token' })
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(/^file .* ready$/m)
    expect(ran.stdout).toMatch(/^idm .*NOT READY: .*renew the connector's token.*unauthorised/m)
    expect(ran.stdout).toMatch(/^gone .*NOT READY for now: .*\(scim\.unreachable\)$/m)
    expect(ran.stdout).not.toContain('a-wrong-token')
    expect(ran.stderr).toContain('not ready: idm, gone')
  })

  it('tries only what is named, and speaks JSON', async () => {
    await configure([file, { ...idm(), baseUrl: 'http://127.0.0.1:1/scim' }])
    const ran = await run('connector test file --json')
    expect(ran.code).toBe(0)
    expect(linesOf(ran.stdout)).toEqual([
      {
        connectors: [
          {
            name: 'file',
            kind: 'file',
            target: 'memberships.csv',
            ready: true,
            abilities: [
              { ability: 'list-members', can: 'yes' },
              { ability: 'read-back', can: 'yes' },
            ],
          },
        ],
      },
    ])
    const other = await run('connector test idm --json')
    expect(other.code).toBe(1)
    expect(linesOf(other.stdout)).toMatchObject([
      { connectors: [{ name: 'idm', ready: false, code: 'scim.unreachable', transient: true }] },
    ])
  })

  it('does not wait for a target that hangs', async () => {
    const { port } = silent.address() as AddressInfo
    await configure([{ ...idm(), baseUrl: `http://127.0.0.1:${port}` }])
    const ran = await run('connector test --seconds 1')
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain('no answer within 1 seconds')
  })

  it('ends with 2 for a mistake in the file, and for a name that is not in it', async () => {
    await configure([file])
    const unknown = await run('connector test idm')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain(
      'there is no connector idm in the configuration; there are file',
    )
    await configure([{ ...idm(), tokenEnv: 'NOT_SET' }])
    const unset = await run('connector test')
    expect(unset.code).toBe(2)
    expect(unset.stderr).toContain('connectors[0] (idm).tokenEnv: the environment variable NOT_SET')
    await configure([{ ...file, kind: 'ftp' }])
    expect((await run('connector list')).code).toBe(2)
  })
})

describe('start', () => {
  it('tries them too: says which one is not ready, and serves all the same', async () => {
    await configure([file, { ...idm(), name: 'gone', baseUrl: 'http://127.0.0.1:1/scim' }])
    const engine = startCommand(['start', '--no-sample', '--json'], env)
    try {
      await engine.says('"event":"started"')
      await engine.says('"connector":"gone"')
      expect(engine.stdout).toMatch(/"connector":"gone".*a connector is not ready/)
      expect(engine.stdout).not.toContain('"connector":"file"')
    } finally {
      await engine.stop()
    }
  })
})
