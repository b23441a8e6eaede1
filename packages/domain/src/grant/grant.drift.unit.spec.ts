import { describe, it } from 'vitest'
import {
  drift,
  facts,
  given,
  held,
  OP2,
  preexisting,
  provisioned,
  released,
  start,
  started,
} from './grant.fixture.ts'

describe('what a scan saw', () => {
  const inPlace = [held(), started('grant'), provisioned]
  const seen = (found: 'present' | 'absent', repair: boolean, lookedAt = 0) =>
    ({ type: 'ReportDrift', found, lookedAt, repair }) as const

  it('is recorded: what is missing to be granted again, what is unexpected to be left or taken away', () => {
    given(...inPlace)
      .when(seen('absent', true, 2))
      .thenEvents([drift('absent', 'grant')])
    given()
      .when(seen('present', true))
      .thenEvents([drift('present', 'revoke')])
    given()
      .when(seen('present', false))
      .thenEvents([drift('present', 'none')])
  })
  it('is nothing where all is as it should be', () => {
    given(...inPlace)
      .when(seen('present', true, 2))
      .thenNothing()
    given().when(seen('absent', true)).thenNothing()
  })
  it('is recorded once while it stays, and once more when it is to be repaired', () => {
    given(drift('present', 'none')).when(seen('present', false)).thenNothing()
    given(drift('present', 'none'))
      .when(seen('present', true))
      .thenEvents([drift('present', 'revoke')])
    given(drift('present', 'none'))
      .when(seen('absent', false))
      .thenEvents([{ type: 'DriftGone.v1', data: facts }])
  })
  it('is never drift while an operation is due, under way, or was there since the look', () => {
    given(held()).when(seen('absent', true)).thenNothing()
    given(held(), started('grant'))
      .when(seen('absent', true, 1))
      .thenNothing()
    given(...inPlace, released())
      .when(seen('present', true, 2))
      .thenNothing()
    given(...inPlace)
      .when(seen('absent', true, 1))
      .thenRefused('grant.stale-look')
  })
  it('never takes away what was there before us (promise 4)', () => {
    for (const found of ['present', 'absent'] as const)
      given(held(), preexisting, released())
        .when(seen(found, true, 1))
        .thenNothing()
  })
  it('counts as access from before us where it was left alone and somebody is granted it later', () => {
    given(drift('present', 'none'), held())
      .when(start('present'))
      .thenEvents([
        {
          type: 'PreexistingAccessFound.v3',
          data: { ...facts, operationId: OP2, kept: true, account: null },
        },
      ])
    given(drift('present', 'revoke'))
      .when(start('present'))
      .thenEvents([started('revoke', { operationId: OP2 })])
  })
})
