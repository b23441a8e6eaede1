import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { importFolder } from './importFolder.fixture.ts'
import { createImportLedger } from './importLedger.ts'
import { ALL, LATER, NOW, numbers, people, personLine } from './largeOrganisation.fixture.ts'

const folder = importFolder()

/** What comes instead of a file, or as a new one, alone in its folder. */
const comes = async (files: Readonly<Record<string, string | object>>): Promise<void> => {
  await folder.empty()
  await folder.write(files)
}

beforeEach(async () => {
  await folder.write(ALL)
  await folder.run({ now: NOW })
})

describe('what an import leaves behind', () => {
  it('notes since when people are disabled, until they are enabled again', async () => {
    const since = async () => (await folder.directory().leftAmong(['p000', 'p001'])).get('p000')
    expect(await since()).toBeUndefined()
    const others = numbers(40)
      .slice(1)
      .map((n) => personLine(n))
    await comes({ 'people.csv': people(others) })
    await folder.run({ now: LATER })
    expect(await since()).toBe(LATER)
    await folder.run({ now: '2026-06-03T08:00:00.000Z' })
    expect(await since()).toBe(LATER)
    await comes({ 'people.csv': people([personLine(0), ...others]) })
    await folder.run({ now: '2026-06-04T08:00:00.000Z' })
    expect(await since()).toBeUndefined()
    await comes({ 'people.csv': people([personLine(0, ',false,'), ...others]) })
    await folder.run({ now: '2026-06-05T08:00:00.000Z' })
    expect(await since()).toBe('2026-06-05T08:00:00.000Z')
  })

  it('is noted for the log with numbers and digests, and without a name', async () => {
    const ledger = createImportLedger(folder.pool())
    for (const { id } of await ledger.importsToLog()) await ledger.importLogged(id)
    await comes({
      'people.csv': people(
        numbers(40)
          .slice(3)
          .map((n) => personLine(n)),
      ),
    })
    await folder.run({ now: LATER, dryRun: true })
    expect(await createImportLedger(folder.pool()).importsToLog()).toEqual([])
    const { digest } = await folder.run({ now: LATER, actor: { kind: 'user', id: 'admin' } })
    const file = createHash('sha256')
      .update(await readFile(join(folder.path(), 'people.csv')))
      .digest('hex')
    expect(digest).toBe(createHash('sha256').update(`${file}  people.csv\n`).digest('hex'))
    expect(await createImportLedger(folder.pool()).importsToLog()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        at: LATER,
        actor: { kind: 'user', id: 'admin' },
        facts: {
          source: expect.stringMatching(/^directory-/),
          digest,
          files: [{ name: 'people.csv', entries: 38, digest: file }],
          removed: [{ kind: 'people', count: 3 }],
          allowed: { removals: false, noAdministrator: false },
        },
      },
    ])
  })
})
