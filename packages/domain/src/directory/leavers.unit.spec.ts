import { specify } from '@portcullis/core/testing'
import { describe, it } from 'vitest'
import type { DirectoryEvent } from '../events.ts'
import { at, checkStorable, NO_ROLES, USER_ADMINISTRATOR, user } from '../testing/index.ts'
import { type LeaversFacts, leaversDecider } from './leavers.decide.ts'

const NOW = '2026-05-01T08:00:00.000Z'

const released = (leftBy: string, people = 3): DirectoryEvent => ({
  type: 'LeaverEndingsReleased.v1',
  data: { leftBy, people },
})
const given = (...events: DirectoryEvent[]) => ({
  when: (facts: Partial<LeaversFacts> = {}) => {
    const outcome = specify(leaversDecider)
      .given(events)
      .when({ type: 'ReleaseLeaverEndings' }, at(NOW, user('carol')), {
        actor: USER_ADMINISTRATOR,
        people: 3,
        ...facts,
      })
    checkStorable(outcome.decision)
    return outcome
  },
})

describe('releasing what leavers would lose', () => {
  it('is noted with up to when they had left, and how many it is about', () => {
    given()
      .when()
      .thenEvents([released(NOW)])
    given(released('2026-04-01T08:00:00.000Z', 12))
      .when({ people: 1 })
      .thenEvents([released(NOW, 1)])
  })

  it('leaves no trace where nobody has anything, or where it is so already', () => {
    given().when({ people: 0 }).thenEvents([])
    given(released(NOW)).when().thenEvents([])
  })

  it('is refused to whoever is no User administrator', () => {
    given().when({ actor: NO_ROLES }).thenRefused('leavers.forbidden')
    given()
      .when({ actor: { ...USER_ADMINISTRATOR, disabled: true } })
      .thenRefused('leavers.forbidden')
  })
})
