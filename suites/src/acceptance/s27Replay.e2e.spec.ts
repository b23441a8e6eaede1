import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { extent } from '@portcullis/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { approvedBy, givenAssignment, givenPackage, request, role, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

const COMMAND_LINE = fileURLToPath(
  new URL('../../../services/operator/src/main.ts', import.meta.url),
)
const statusSchema = z.object({
  projections: z.array(z.object({ name: z.string(), state: z.string(), version: z.int() })),
})

describe('S27 Operators replay projections', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  /** The command line, as operators type it, on the engine's database. */
  const portcullis = (...words: readonly string[]) =>
    promisify(execFile)(process.execPath, [COMMAND_LINE, ...words], {
      env: {
        PATH: process.env.PATH,
        ...engine.installation.env,
        PORTCULLIS_DATA: engine.runtime.config.dataDir,
      },
    })
  const status = async () =>
    statusSchema.parse(JSON.parse((await portcullis('projection', 'status', '--json')).stdout))
      .projections

  /** Rebuilds a view, which tells how far it is. */
  const rebuild = async (name: string): Promise<void> => {
    const { stdout, stderr } = await portcullis('projection', 'rebuild', name)
    expect(stdout).toContain(`${name} is rebuilt and live`)
    expect(stderr).toMatch(new RegExp(`${name}: position \\d+ of \\d+, \\d+ events applied`))
  }

  /** A bit of everything: approvals, denials, ends, errors. */
  const life = async (subjects: readonly string[]): Promise<void> => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.member', 'crm.user'] })
    const approved = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    for (const [index, id] of subjects.entries()) {
      const assignmentId = await givenAssignment(engine, packageId, id)
      const requestId = await request(engine.as(id), approved)
      if (index % 3 === 0) await engine.as('bob').ok('approveRequest', { requestId })
      if (index % 3 === 1) await engine.as('bob').ok('denyRequest', { requestId })
      if (index % 2 === 0) await engine.as(id).ok('removeAssignment', { assignmentId })
    }
    await engine.as('alice').ok('addResourceRole', { packageId, ...role('wiki.reader') })
  }

  it('views are rebuilt while commands come in, with progress shown, and come out equal', async () => {
    await life(['sam', 'tess', 'uma', 'vic'])
    await engine.quiet()
    const before = await status()
    const names = before.map(({ name }) => name)
    expect(names.length).toBeGreaterThan(3)

    const underLoad = extent.rebuiltUnderLoad ?? names
    expect(names).toEqual(expect.arrayContaining([...underLoad]))
    let rebuilding = true
    const busy = (async () => {
      for (let round = 0; rebuilding; round += 1)
        await life([`${['will', 'xena', 'yann'][round % 3]}`])
    })()
    try {
      for (const name of underLoad) await rebuild(name)
    } finally {
      rebuilding = false
    }
    await busy
    await engine.quiet()
    for (const name of names)
      expect((await portcullis('projection', 'verify', name)).stdout).toContain(
        `${name}: the rebuilt view equals the live one`,
      )
    expect((await status()).map(({ state }) => state)).toEqual(names.map(() => 'live'))
  })

  it('any view is rebuilt: answers are the same before and after, and nobody was mailed or provisioned for it', async () => {
    await engine.quiet()
    const alice = engine.as('alice')
    const everything = async () => ({
      requests: await alice.ok('listRequests', { limit: 200 }),
      assignments: await alice.ok('listAssignments', { limit: 200 }),
      packages: await alice.ok('listAccessPackages', { limit: 200 }),
      catalogs: await alice.ok('listCatalogs', {}),
    })
    const [before, mails] = [await everything(), engine.mails.length]
    const calls = [engine.steady.calls.length, engine.shaky.calls.length]
    for (const { name } of await status()) await rebuild(name)
    await engine.quiet()
    expect(await everything()).toEqual(before)
    expect(engine.mails).toHaveLength(mails)
    expect([engine.steady.calls.length, engine.shaky.calls.length]).toEqual(calls)
  })

  it('a view that there is not is told with those that there are', async () => {
    await expect(portcullis('projection', 'rebuild', 'nonsense')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nonsense'),
    })
  })
})
