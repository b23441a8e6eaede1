import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { trackedFiles } from './trackedFiles.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const TABLE = 'packages/postgres/src/locks.ts'
const OWNER = 'packages/embedded-postgres/src/ownership.ts'
const TAKES_ONE = /pg_(?:try_)?advisory_(?:xact_)?lock(?:_shared)?\b/
/** All begin with our digits. */
const NUMBER = /\b7_274_\d{3}(?:_\d{3})?\b/g

const sources = trackedFiles(ROOT).filter(
  ({ path }) =>
    /^(?:packages|services|suites)\/.*\.ts$/.test(path) &&
    !/\.(?:spec|fixture)\.ts$|\/testing\//.test(path),
)
const table = readFileSync(`${ROOT}${TABLE}`, 'utf8')

/** Two parts that took the same lock would wait for each other for no reason, or for ever. */
describe('numbers of advisory locks', () => {
  it('stand in the one table, but for that of the embedded server, which it names', () => {
    const elsewhere = sources.flatMap(({ path, text }) =>
      path === TABLE ? [] : (text.match(NUMBER) ?? []).map((number) => `${path} ${number}`),
    )
    expect(elsewhere).toEqual([`${OWNER} 7_274_011_001`])
    expect(table).toContain("The embedded server's owner holds 7_274_011_001")
  })

  it('are those of the table wherever one is taken', () => {
    // Their numbers are handed in, or a hash of a name of their own.
    const exempt = [
      'packages/postgres/src/withAdvisoryLock.ts',
      'packages/postgres/src/tryLock.ts',
      'packages/jobs/src/bull/postgresBackend.ts',
      'packages/notifications/src/outbox/claim.ts',
      // Written out: see below.
      'packages/event-store/src/postgres/schema.ts',
      OWNER,
    ]
    const without = sources.filter(
      ({ text }) => TAKES_ONE.test(text) && !/\bLOCK(?:_SPACE)?\.\w+/.test(text),
    )
    expect(without.map(({ path }) => path).sort()).toEqual(exempt.sort())
  })

  it('written out in SQL are those of the table', () => {
    const known = (table.match(NUMBER) ?? []).map((number) => number.replaceAll('_', ''))
    const written = sources.flatMap(({ text }) => text.match(/\b7274\d{6}\b/g) ?? [])
    expect(written.length).toBeGreaterThan(0)
    expect(written.filter((number) => !known.includes(number))).toEqual([])
  })
})
