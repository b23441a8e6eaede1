import { propertyRuns, propertyTimeout } from '@portcullis/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entitlementEvents } from './entitlement.events.ts'
import { play } from './entitlement.play.fixture.ts'

/** The world, then a number for each step. */
const scripts = fc.array(fc.noShrink(fc.nat()), { minLength: 6, maxLength: 45, size: 'max' })

describe('entitlement, whatever is sent by whomever and whenever', () => {
  it(
    'answers and changes as the model says; its timers come to an end',
    () => {
      const seen = new Set<string>()
      const runs = propertyRuns()
      fc.assert(
        fc.property(scripts, (script) => {
          for (const type of play(script)) seen.add(type)
        }),
        runs,
      )
      // Else the property would be about nothing.
      if (runs.path === undefined && runs.numRuns >= 1_000)
        expect([...seen].sort()).toEqual(
          Object.keys(entitlementEvents)
            // What a look at the directory notes: its own specs.
            .filter((type) => !/^(Approver|Subject|RolesWithheld)/.test(type))
            .sort(),
        )
    },
    propertyTimeout(),
  )
})
