import { propertyRuns, propertyTimeout } from '@portcullis/core/testing'
import { eventSchemasByStream } from '@portcullis/domain'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Outcome, play } from './play.fixture.ts'

/** How the run begins, then a number for each step. */
const scripts = fc.array(fc.noShrink(fc.nat()), { minLength: 10, maxLength: 60, size: 'max' })

const PROMISES = [
  'the log is the truth',
  'nothing outlives its end',
  'nobody gets what no decision gave',
  'a resource role is revoked exactly when the last assignment that confers it goes',
  'every timer fires once, never early, in order',
  'same command id, same answer',
  'read your own writes',
  'replaying touches nobody',
] as const

/**
 * What runs lead to: all that entitlements and grants can go through. Nobody changes a target by hand there, or carries
 * anything out by hand; a reminder that is skipped is too rare here, and is seen in the entitlement's own property.
 */
const EXPECTED = [
  ...Object.keys(eventSchemasByStream.accessPackage).filter((type) => type.startsWith('RollOut')),
  ...Object.keys(eventSchemasByStream.entitlement).filter(
    (type) => !/^(ExtensionReminderSkipped|Approver|Subject|\w+Withheld)/.test(type),
  ),
  ...Object.keys(eventSchemasByStream.grant).filter(
    (type) => !type.startsWith('Drift') && !type.startsWith('Fulfilment'),
  ),
]

const fail = (number: number, { broken, story }: Outcome): void => {
  const found = broken.get(number)
  if (found !== undefined) throw new Error([...found, ...story].join('\n'))
}

/**
 * Each run is looked at for all nine promises, so they share their runs; one that a run breaks is tried again
 * automatically, and shrinks on its own.
 */
describe('a small engine in memory, whatever fails', () => {
  const runs = propertyRuns()
  const seed = runs.seed ?? Date.now() % 0x7fff_ffff
  const firstBroken = new Map<number, number>()
  const seen = new Set<string>()

  beforeAll(async () => {
    if (runs.path !== undefined) return
    let run = 0
    const look = fc.asyncProperty(scripts, async (script) => {
      const { broken, types } = await play(script)
      for (const number of broken.keys()) if (!firstBroken.has(number)) firstBroken.set(number, run)
      for (const type of types) seen.add(type)
      run += 1
    })
    await fc.assert(look, { ...runs, seed })
  }, propertyTimeout())

  it.each(PROMISES.map((promise, index) => [index + 1, promise] as const))(
    'promise %i: %s',
    async (number) => {
      const first = firstBroken.get(number)
      const path = runs.path ?? (first === undefined ? undefined : String(first))
      if (path === undefined) return
      await fc.assert(
        fc.asyncProperty(scripts, async (script) => fail(number, await play(script))),
        { numRuns: runs.numRuns, seed, path },
      )
    },
    propertyTimeout(),
  )

  it('has something of everything in it', () => {
    // Else the properties would be about nothing.
    const missing = EXPECTED.filter((type) => !seen.has(type))
    if (runs.path === undefined && runs.numRuns >= 1_000) expect(missing).toEqual([])
  })
})
