import { describe, expect, it } from 'vitest'
import type { PolicyApplication } from '../eligibility/eligibility.ts'
import { exampleApplication, exampleFacts, exampleTerms, service, user } from '../testing/index.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import {
  A1,
  ASSIGNED,
  autoApproved,
  cancelled,
  denied,
  END,
  ended,
  given,
  MIRA,
  NO_APPROVAL,
  R1,
  R2,
  scheduled,
  started,
  submitted,
  timedOut,
} from './entitlement.fixture.ts'

const submit = (changes: object = {}): EntitlementCommand => ({
  type: 'SubmitRequest',
  packageId: 'tools',
  subjectId: 'mira',
  policyId: null,
  justification: null,
  ...changes,
})
const asMira = (facts: EntitlementFacts = exampleFacts()) => ({ actor: MIRA, facts })
const withPolicies = (...policies: PolicyApplication[]) => asMira(exampleFacts(policies))
const other = exampleApplication({ displayName: 'Other' }, { policyId: 'other' })
const outOfScope = exampleApplication(
  {},
  { basis: null, reason: 'mira is in none of the groups eng' },
)
const disabled = exampleApplication({}, { enabled: false })
const none = exampleApplication(
  { requestors: { kind: 'none' } },
  { basis: null, reason: 'nobody requests by it; administrators assign directly' },
)

describe('SubmitRequest', () => {
  it('opens the first approval stage, with terms and facts pinned (S10)', () => {
    given().when(submit(), asMira()).thenEvents([submitted()])
  })

  it('is approved and started at once where no approval is required (S10)', () => {
    given()
      .when(submit(), withPolicies(exampleApplication(NO_APPROVAL)))
      .thenEvents([
        submitted({ terms: exampleTerms(NO_APPROVAL), approval: null }),
        autoApproved('policy-without-approval'),
        started(),
      ])
  })

  it.each([
    ['never', { kind: 'never' }, null, []],
    ['on a date', { kind: 'onDate', date: '2026-05-02' }, '2026-05-02T22:00:00.000Z', []],
    ['after hours', { kind: 'afterHours', hours: 8 }, '2026-05-01T16:00:00.000Z', []],
    [
      'after days',
      { kind: 'afterDays', days: 2 },
      '2026-05-03T08:00:00.000Z',
      ['2026-05-02T08:00:00.000Z'],
    ],
  ] as const)('ends %s (S14)', (_what, expiration, endAt, reminders) => {
    const terms = { ...NO_APPROVAL, expiration }
    given()
      .when(submit(), withPolicies(exampleApplication(terms)))
      .thenEvents([
        submitted({ terms: exampleTerms(terms), approval: null }),
        autoApproved('policy-without-approval'),
        started({
          endAt,
          reminders: reminders.map((at) => ({ offset: 'P1D' as const, at })),
        }),
      ])
  })

  it('plans no reminder where extension isn’t allowed (S15)', () => {
    const terms = { ...NO_APPROVAL, extension: { allowed: false } } as const
    given()
      .when(submit(), withPolicies(exampleApplication(terms)))
      .thenEvents([
        submitted({ terms: exampleTerms(terms), approval: null }),
        autoApproved('policy-without-approval'),
        started({ reminders: [] }),
      ])
  })

  it('may come from a service on behalf of the subject, from nobody else', () => {
    given()
      .when(submit(), { actor: service('hr') })
      .thenEvents([submitted({ requestorId: 'service:hr' })])
    given()
      .when(submit(), { actor: user('omar') })
      .thenRefused('request.forbidden', { kind: 'forbidden' })
    given().when(submit()).thenRefused('request.forbidden')
  })

  it('needs the package and an enabled subject', () => {
    const facts = exampleFacts()
    given()
      .when(submit(), asMira({ ...facts, package: { exists: false, policies: [] } }))
      .thenRefused('package.not-found')
    given()
      .when(submit(), asMira({ ...facts, subject: { exists: false, enabled: false } }))
      .thenRefused('subject.not-found')
    given()
      .when(submit(), asMira({ ...facts, subject: { exists: true, enabled: false } }))
      .thenRefused('subject.disabled')
  })

  it('needs the subject’s external directory to be allowed now (S8)', () => {
    const origin = { id: 'fab', displayName: 'Fabrikam', refusedBecause: null }
    const from = (refusedBecause: string | null) =>
      asMira(
        exampleFacts(undefined, {
          subject: { exists: true, enabled: true, origin: { ...origin, refusedBecause } },
        }),
      )
    given()
      .when(submit(), from('is marked as not allowed'))
      .thenRefused('subject.directory-refused', {
        kind: 'not-allowed',
        message: "refuse external directory 'Fabrikam'",
        data: { subjectId: 'mira', directoryId: 'fab', reason: 'is marked as not allowed' },
      })
    given().when(submit(), from(null)).thenEvents([submitted()])
  })

  it('is refused while one is open or current', () => {
    given(submitted())
      .when(submit(), asMira())
      .thenRefused('request.already-pending', { kind: 'conflict', data: { requestId: R1 } })
    given(...ASSIGNED)
      .when(submit(), asMira())
      .thenRefused('request.already-assigned', {
        data: { assignmentId: A1, status: 'active', endAt: END },
        message: 'extension',
      })
    given(submitted({ kind: 'direct', approval: null }), scheduled())
      .when(submit(), asMira())
      .thenRefused('request.already-assigned')
  })

  it.each([
    ['denied', [submitted(), denied()]],
    ['timed out (S13)', [submitted(), timedOut()]],
    ['cancelled', [submitted(), cancelled()]],
    ['ended', [...ASSIGNED, ended()]],
  ])('may be tried again after one was %s', (_what, history) => {
    given(...history)
      .when(submit(), asMira())
      .thenEvents([submitted({ requestId: R2 })])
  })

  it('gives the second assignment its own number', () => {
    given(...ASSIGNED, ended())
      .when(submit(), withPolicies(exampleApplication(NO_APPROVAL)))
      .thenEvents([
        submitted({ requestId: R2, terms: exampleTerms(NO_APPROVAL), approval: null }),
        autoApproved('policy-without-approval', R2),
        started({ requestId: R2, assignmentId: 'tools.mira.a2' }),
      ])
  })

  it('must name the policy when several apply (S9)', () => {
    const options = withPolicies(exampleApplication(), other, none)
    given()
      .when(submit(), options)
      .thenRefused('request.policy-needed', {
        kind: 'invalid',
        data: {
          policies: [
            { policyId: 'standard', displayName: 'Engineers' },
            { policyId: 'other', displayName: 'Other' },
          ],
        },
      })
    given()
      .when(submit({ policyId: 'standard' }), options)
      .thenEvents([submitted()])
  })

  it('takes the only one that applies, past the others', () => {
    given()
      .when(submit(), withPolicies(none, { ...outOfScope, policyId: 'far' }, exampleApplication()))
      .thenEvents([submitted()])
  })

  it('says of each policy why it doesn’t apply, to who sees the package (S9)', () => {
    given(submitted(), denied())
      .when(
        submit(),
        withPolicies(outOfScope, { ...disabled, policyId: 'off' }, { ...none, policyId: 'hand' }),
      )
      .thenRefused('request.no-policy-applies', {
        kind: 'not-allowed',
        data: {
          policies: [
            {
              policyId: 'standard',
              displayName: 'Engineers',
              reason: 'mira is in none of the groups eng',
            },
            { policyId: 'off', displayName: 'Engineers', reason: 'it is disabled' },
            {
              policyId: 'hand',
              displayName: 'Engineers',
              reason: 'nobody requests by it; administrators assign directly',
            },
          ],
        },
      })
    given(submitted(), denied())
      .when(submit(), withPolicies())
      .thenRefused('request.no-policy-applies')
  })

  it.each([null, 'standard', 'hand', 'nope'])(
    'is of no package at all to whom no policy of it is for (S23): policy %s',
    (policyId) => {
      const command = submit({ policyId })
      const refused = given().when(command, withPolicies(outOfScope, { ...none, policyId: 'hand' }))
      refused.thenRefused('package.not-found')
      const { facts } = withPolicies()
      const nowhere = { ...facts, package: { exists: false, policies: [] } }
      expect(refused.decision).toEqual(
        given().when(command, { ...withPolicies(), facts: nowhere }).decision,
      )
      expect(given().when(command, withPolicies()).decision).toEqual(refused.decision)
    },
  )

  it.each([
    ['unknown', 'nope', exampleApplication(), 'request.policy-not-found'],
    ['disabled (S16)', 'standard', disabled, 'request.policy-disabled'],
    ['for others (S9)', 'standard', outOfScope, 'request.policy-not-applicable'],
    ['for no one', 'standard', none, 'request.policy-not-applicable'],
  ])('refuses a named policy that is %s', (_what, policyId, policy, code) => {
    given(submitted(), denied()).when(submit({ policyId }), withPolicies(policy)).thenRefused(code)
  })

  it('asks for a justification where the policy does, and keeps it (S12)', () => {
    const terms = { requestorJustification: true }
    const options = withPolicies(exampleApplication(terms))
    given().when(submit(), options).thenRefused('request.justification-needed')
    given()
      .when(submit({ justification: ' \n' }), options)
      .thenRefused('request.justification-needed')
    given()
      .when(submit({ justification: 'für 東京' }), options)
      .thenEvents([submitted({ terms: exampleTerms(terms), justification: 'für 東京' })])
  })

  it('is refused once the policy’s date is over', () => {
    const policy = exampleApplication({ expiration: { kind: 'onDate', date: '2026-04-30' } })
    given().when(submit(), withPolicies(policy)).thenRefused('request.end-passed')
  })
})
