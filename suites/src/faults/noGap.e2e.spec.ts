import { grantId } from '@portcullis/domain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../crash/testing/random.ts'
import { brokenPromises } from './testing/faultVerdict.ts'
import { type HandOver, openHandOver, SHARED } from './testing/handOver.ts'
import { changers } from './testing/organisation.ts'

/** Give the seed of a failed run to draw the same people and kills again. */
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000))

const ids = changers.map(({ id }) => id)
const half = ids.length / 2

describe(`nobody loses a role for a moment by changing from one package to another (promise 4; FAULTS_SEED=${seed})`, () => {
  let run: HandOver
  beforeAll(async () => {
    run = await openHandOver(createRandom(seed))
  })
  afterAll(() => run?.close())

  it('though the worker is killed when one ends and the other begins', async () => {
    await run.change(ids.slice(0, half), 'at the end')
    expect(run.gaps).toEqual([])
  })

  it('though it is killed right after the other one was given, and again at the end', async () => {
    await run.change(ids.slice(half), 'among commands')
    expect(run.gaps).toEqual([])
  })

  it('and in the end everybody has it by the second one alone, and every promise is kept', async () => {
    console.log(JSON.stringify({ seed, kills: run.kills }))
    expect(run.kills).toHaveLength(3)
    expect([...run.delivered].sort()).toEqual(ids)
    expect(await run.holders()).toEqual(
      Object.fromEntries(ids.map((id) => [id, [`scim-second.${id}.a1`]])),
    )
    const inTargets = await Promise.all(run.targets.map((target) => target.memberships()))
    expect(inTargets.flat().sort()).toEqual(
      [SHARED, 'scim-c'].flatMap((resource) => ids.map((id) => grantId(resource, 'member', id))),
    )
    expect(await brokenPromises(run)).toEqual({})
  })
})
