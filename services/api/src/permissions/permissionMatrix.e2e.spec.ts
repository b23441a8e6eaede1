import { allOperations } from '@portcullis/api-contract'
import { type Position, START } from '@portcullis/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Case } from './case.fixture.ts'
import { commandCases } from './commandCases.fixture.ts'
import { entitlementQueryCases } from './entitlementQueryCases.fixture.ts'
import { queryCases } from './queryCases.fixture.ts'
import { ACTORS, type Call, openWorld, type World } from './world.fixture.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** Queries first: the first page of a list still holds their targets. */
const cases = [...queryCases, ...entitlementQueryCases, ...commandCases]

type Answer = Awaited<ReturnType<World['send']>>

/** Who has a role in the catalogs that refusals name: to everybody else it is "the catalog". */
const ROLES_IN: Readonly<Record<string, readonly string[]>> = {
  Own: ['owner', 'manager'],
  Default: ['ownerOfDefault', 'managerOfDefault'],
}
const asToldTo = (actor: string, words: string): string =>
  words.replaceAll(/of (Own|Default)\b/g, (named, catalog: string) =>
    ROLES_IN[catalog]?.includes(actor) ? named : 'of the catalog',
  )

/** The letter of an answer, as {@link Case} has them; the answer itself where none fits. */
const letterOf = (
  actor: string,
  { operation, status, text }: Answer,
  { no }: Case,
  { shows }: Call,
): string => {
  if (status < 300) {
    if (operation.kind === 'command') return 'A'
    if (shows !== undefined && text.includes(shows)) return 'A'
    return no === 'unseen' ? '.' : `${status} without the target`
  }
  const { code, detail, data } = JSON.parse(text)
  if (code === 'actor.unknown') return 'D'
  if (code === 'approval.own-request') return 'o'
  if (status === 404)
    return no === '404' && code === 'query.not-found' && shows !== undefined ? '.' : '0'
  const [expectedCode, words = ''] = no.split(': ')
  const isRefused = status === 403 && Array.isArray(data?.enoughRoles)
  if (isRefused && code === expectedCode && detail.includes(asToldTo(actor, words))) return '.'
  return isRefused && code === 'catalog.forbidden' ? 'f' : `${status} ${code}: ${detail}`
}

const letters = (row: readonly string[]) => ACTORS.map((actor, index) => `${actor} ${row[index]}`)

describe('every cell of the permission matrix (S3)', () => {
  it.each(cases.map((row) => [`${row.operation} ${row.of ?? ''}`.trim(), row] as const))(
    '%s',
    async (_, row) => {
      const found: string[] = []
      let call = await row.call(world)
      for (const actor of ACTORS) {
        const answer = await world.send(actor, row.operation, call)
        found.push(letterOf(actor, answer, row, call))
        const used = answer.status < 300 && answer.operation.kind === 'command'
        if (used) call = await row.call(world)
      }
      expect(letters(found)).toEqual(letters(row.cells.split(/\s+/)))
    },
  )

  it('and no operation is left out', () => {
    const guarded = allOperations.filter(({ kind }) => kind !== 'open').map(({ id }) => id)
    expect([...new Set<string>(cases.map(({ operation }) => operation))].sort()).toEqual(
      guarded.sort(),
    )
  })

  it('and every command that left something has its key in the view of keys', async () => {
    const { store, projections, pool } = world.runtime
    const head = await store.head()
    expect(await projections.waitForView('command_keys', head, 60_000)).toBe(true)
    const used = new Map<string, string>()
    for (let after: Position = START; after < head; ) {
      const page = await store.readAll({ after, limit: 1_000 })
      for (const { type, metadata } of page.events)
        if (metadata.digest !== undefined) used.set(metadata.outerId ?? metadata.commandId, type)
      after = page.position
    }
    const { rows } = await pool.query<{ key: string }>(
      'select key from portcullis_views.command_keys',
    )
    for (const { key } of rows) used.delete(key)
    expect([...used.values()]).toEqual([])
    expect(rows.length).toBeGreaterThan(cases.length)
  }, 120_000)
})
