import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guesses, type Prefix, plantHidden } from './guesses.fixture.ts'
import { ACTORS, type ActorName, isService, openWorld, type World } from './world.fixture.ts'

/** Who sees nothing of the hidden part; User administrators see everything. */
const OUTSIDERS = ACTORS.filter((name) => name !== 'admin' && name !== 'adminService')
/** What a service may do for anybody, no matter who they are to it. */
const FOR_ANYBODY: readonly string[] = ['extendAssignment']

let world: World
beforeAll(async () => {
  world = await openWorld()
  await plantHidden(world)
})
afterAll(() => world.close())

const asked = async (prefix: Prefix, actor: ActorName, guess: (typeof guesses)[number]) => {
  const call = guess.call(prefix, actor, !isService(actor))
  const answer = await world.send(actor, guess.operation, call)
  const { location, etag } = answer.headers
  // Each command has an id and a place of its own.
  const text = answer.text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uuid>')
    .replaceAll(/"position":"\d+"/g, '"position":"…"')
  return JSON.stringify({ status: answer.status, text, location, etag })
}

describe('one rule of visibility: what the caller may not see is as if it were not there', () => {
  it.each(OUTSIDERS)('%s: no guess of an id tells anything, whatever is asked', async (actor) => {
    const told: string[] = []
    for (const guess of guesses) {
      if (isService(actor) && FOR_ANYBODY.includes(guess.operation)) continue
      const there = await asked('zq', actor, guess)
      const nowhere = await asked('yq', actor, guess)
      const same = there.replaceAll('zq', 'yq') === nowhere.replaceAll('zq', 'yq')
      if (!same || /zq-/i.test(nowhere)) told.push(`${guess.title}: ${there} / ${nowhere}`)
    }
    expect(told).toEqual([])
  })

  it('who manages a package sees of the access that it confers no holder of another catalog', async () => {
    const list = await world.send('ownerElsewhere', 'listAssignments', {})
    const [found] = JSON.parse(list.text).items
    const shown = await world.send('ownerElsewhere', 'getAssignment', {
      params: { assignmentId: found.id },
    })
    expect([shown.status, JSON.parse(shown.text).roles[0].holderIds]).toEqual([200, [found.id]])
    const whole = await world.send('admin', 'getAssignment', { params: { assignmentId: found.id } })
    expect(JSON.parse(whole.text).roles[0].holderIds).toEqual(['zq-package.newcomer.a1', found.id])
    for (const id of ['listOpenProblems', 'countOpenProblems'] as const) {
      const problems = await world.send('ownerElsewhere', id, {})
      expect(problems.text).toContain('"git"')
      expect(problems.text).not.toContain('zq')
    }
  })

  it('and whoever may see it is shown it', async () => {
    for (const [actor, subjectId] of [
      ['admin', 'newcomer'],
      ['adminService', 'newcomer'],
    ] as const) {
      const why = await world.send(actor, 'whyAccessPackage', {
        params: { packageId: 'zq-package' },
        query: { subjectId },
      })
      expect([why.status, /Zq-Policy/.test(why.text)]).toEqual([200, true])
    }
  })
})
