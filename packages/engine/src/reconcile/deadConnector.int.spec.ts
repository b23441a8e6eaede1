import { absent, governed } from '@portcullis/provisioning'
import { beforeEach, describe, expect, it } from 'vitest'
import { createPackage, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { type BatchDependencies, reconcileBatch } from './batch.ts'

const never = new AbortController().signal
const PEOPLE = ['alice', 'anna', 'ben', 'carl', 'dora', 'emil']
const FAILURES = 2
const CONCURRENCY = 3
const SECOND = 1000

describe('a connector that is dead', () => {
  let engine: TestEngine
  let parts: BatchDependencies
  beforeEach(async () => {
    engine = await openTestEngine()
    const connectors = [engine.main, engine.other].map((target) =>
      governed(target, {
        clock: engine.clock,
        random: () => 0,
        limits: {
          concurrency: CONCURRENCY,
          rate: { perSecond: null, burst: 1 },
          circuit: { failures: FAILURES, openMillis: 30 * SECOND, longestOpenMillis: 300 * SECOND },
        },
      }),
    )
    parts = {
      ...engine.parts,
      connectors: new Map(connectors.map((connector) => [connector.name, connector])),
    }
    for (const [id, role] of [
      ['on-main', 'wiki.member'],
      ['on-other', 'crm.member'],
    ] as const) {
      await createPackage(engine, id, { roles: [role] })
      for (const person of PEOPLE) await submit(engine, id, person)
    }
    engine.jobs.wipe()
    return () => engine.close()
  })
  const ids = (packageId: string) => PEOPLE.map((person) => `${packageId}.${person}`)
  const everybody = [...ids('on-main'), ...ids('on-other')]
  const triesOf = async (person: string) =>
    (await engine.typesOf(`grant-wiki.member.${person}`)).filter((type) => type !== 'HoldAdded.v1')

  it('that hangs doesn’t hold up the others', async () => {
    const answers: (() => void)[] = []
    const { readBack } = engine.main
    engine.main.readBack = () =>
      new Promise((resolve) => {
        answers.push(() => resolve(absent()))
      })
    const stuck = reconcileBatch(parts, ids('on-main').slice(0, CONCURRENCY), never)
    while (answers.length < CONCURRENCY) await new Promise(setImmediate)
    engine.clock.advance(6 * SECOND)
    // All of this job ends although none of the hanging calls has: no worker waits for them.
    await reconcileBatch(parts, everybody, never)
    expect(engine.other.held()).toHaveLength(PEOPLE.length)
    expect(engine.main.held()).toEqual([])
    expect(answers).toHaveLength(CONCURRENCY)
    engine.main.readBack = readBack
    for (const answer of answers) answer()
    await stuck
    expect(engine.main.held()).toHaveLength(CONCURRENCY)
    for (const person of PEOPLE.slice(CONCURRENCY)) expect(await triesOf(person)).toEqual([])
  })

  it('is left alone after a few failures: nothing is tried, nothing recorded, and one job looks again', async () => {
    engine.main.down()
    const tries = async () => (await Promise.all(PEOPLE.map(triesOf))).flat()
    await reconcileBatch(parts, everybody, never)
    // Those that were under way when the circuit opened fail as well.
    const tried = await tries()
    expect(tried.length).toBeLessThanOrEqual(FAILURES + CONCURRENCY - 1)
    expect(new Set(tried)).toEqual(new Set(['ProvisioningFailed.v1']))
    for (let run = 0; run < 2; run += 1) await reconcileBatch(parts, everybody, never)
    expect(engine.other.held()).toHaveLength(PEOPLE.length)
    expect(await tries()).toEqual(tried)
    expect((await engine.jobs.counts('provision')).delayed).toBe(1)
  })

  it('gets what it missed once it answers', async () => {
    engine.main.down()
    await reconcileBatch(parts, everybody, never)
    engine.main.up()
    engine.clock.advance(30 * SECOND)
    await reconcileBatch(parts, everybody, never)
    engine.clock.advance(5 * SECOND)
    await reconcileBatch(parts, everybody, never)
    expect(engine.main.held()).toHaveLength(PEOPLE.length)
  })
})
