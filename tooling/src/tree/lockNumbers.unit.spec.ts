import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { trackedFiles } from './trackedFiles.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const LOCKS_AT = /pg_(?:try_)?advisory_(?:xact_)?lock(?:_shared)?\b/
/** A constant that is one: all begin with our digits. */
const NUMBER = /^(?:export )?const (\w+) = (7_274_\d{3}(?:_\d{3})?)$/gm

const sources = trackedFiles(ROOT).filter(
  ({ path }) =>
    /^(?:packages|services)\/.*\.ts$/.test(path) &&
    !/\.(?:spec|fixture)\.ts$|\/testing\//.test(path),
)
const numbers = sources.flatMap(({ path, text }) =>
  [...text.matchAll(NUMBER)].map(([, name = '', number = '']) => ({ path, name, number })),
)

/** Two parts that took the same lock would wait for each other for no reason, or for ever. */
describe('numbers of advisory locks', () => {
  it('differ, each from every other', () => {
    expect(numbers.length).toBeGreaterThan(8)
    const byNumber = Map.groupBy(numbers, ({ number }) => number)
    expect([...byNumber.values()].filter((same) => same.length > 1)).toEqual([])
  })

  it('are constants of that form wherever one is taken', () => {
    // Their numbers are handed in, or a hash of a name of their own.
    const exempt = [
      'packages/postgres/src/inTurn.ts',
      'packages/postgres/src/tryLock.ts',
      'packages/jobs/src/bull/postgresBackend.ts',
      'packages/notifications/src/outbox/claim.ts',
      // Of event-store/postgres/schema.ts.
      'packages/event-store/src/move/postgresStoredLog.ts',
    ]
    const named = new Set(numbers.map(({ path }) => path))
    const taking = sources.filter(({ text }) => LOCKS_AT.test(text)).map(({ path }) => path)
    expect(taking.filter((path) => !named.has(path)).sort()).toEqual(exempt.sort())
  })

  it('written out in SQL are those of their constant', () => {
    const known = numbers.map(({ number }) => number.replaceAll('_', ''))
    const written = sources.flatMap(({ text }) => text.match(/\b7274\d{6}\b/g) ?? [])
    expect(written.length).toBeGreaterThan(0)
    expect(written.filter((number) => !known.includes(number))).toEqual([])
  })
})
