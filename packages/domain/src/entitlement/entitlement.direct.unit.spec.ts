import { describe, it } from 'vitest'
import type { PolicyApplication } from '../eligibility/eligibility.ts'
import {
  exampleApplication,
  exampleFacts,
  exampleTerms,
  NO_ROLES,
  USER_ADMINISTRATOR,
  user,
} from '../testing/index.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import {
  A1,
  ASSIGNED,
  autoApproved,
  END,
  END2,
  ended,
  given,
  NOW,
  P1D,
  P14D,
  R1,
  scheduled,
  started,
  submitted,
} from './entitlement.fixture.ts'

const FOR_NO_ONE = { requestors: { kind: 'none' } } as const
const byHand = exampleApplication(FOR_NO_ONE, { basis: null })
const ADA = user('ada')
const assign = (changes: object = {}): EntitlementCommand => ({
  type: 'AssignDirectly',
  packageId: 'tools',
  subjectId: 'mira',
  policyId: 'standard',
  startAt: null,
  endAt: null,
  justification: null,
  ...changes,
})
const asAda = (policy: PolicyApplication = byHand, changes: object = {}) => ({
  actor: ADA,
  facts: exampleFacts([policy], { actor: USER_ADMINISTRATOR, ...changes }),
})
const direct = (changes: object = {}) =>
  submitted({
    kind: 'direct',
    requestorId: 'ada',
    terms: exampleTerms(FOR_NO_ONE),
    basis: { kind: 'administrator', id: 'ada' },
    approval: null,
    ...changes,
  })
const approved = autoApproved('direct-assignment')

describe('AssignDirectly (S18)', () => {
  it('starts at once, for the policy’s period', () => {
    given().when(assign(), asAda()).thenEvents([direct(), approved, started()])
  })

  it.each([
    ['User administrator', { directoryRoles: ['UserAdministrator'], catalogRoles: [] }, true],
    ['Catalog owner', { directoryRoles: [], catalogRoles: ['CatalogOwner'] }, true],
    [
      'Access package manager',
      { directoryRoles: [], catalogRoles: ['AccessPackageManager'] },
      true,
    ],
    ['Catalog creator', { directoryRoles: ['CatalogCreator'], catalogRoles: [] }, false],
    ['no role', NO_ROLES, false],
  ] as const)('by a %s (S3)', (_who, actor, allowed) => {
    const outcome = given().when(assign(), asAda(byHand, { actor }))
    if (allowed) outcome.thenEvents([direct(), approved, started()])
    else {
      outcome.thenRefused('assignment.forbidden', {
        kind: 'forbidden',
        message:
          'needs Access package manager of the catalog, or Catalog owner of the catalog, or User administrator',
      })
    }
  })

  it('may be by a disabled policy; outside its scope only by one for no one', () => {
    const disabled = exampleApplication({}, { enabled: false })
    given()
      .when(assign(), asAda(disabled))
      .thenEvents([
        direct({ terms: exampleTerms(), basis: { kind: 'group', id: 'eng' } }),
        approved,
        started(),
      ])
    given()
      .when(assign(), asAda(exampleApplication({}, { basis: null, reason: 'not in eng' })))
      .thenRefused('assignment.policy-not-applicable', {
        data: { policyId: 'standard', reason: 'not in eng' },
      })
    given()
      .when(assign({ policyId: 'nope' }), asAda())
      .thenRefused('assignment.policy-not-found')
  })

  it('keeps the justification, and takes an end', () => {
    const command = { endAt: P1D, justification: 'project X' }
    given()
      .when(assign(command), asAda())
      .thenEvents([
        direct(command),
        approved,
        started({
          endAt: P1D,
          reminders: [
            { offset: 'P14D', at: '2026-05-16T08:00:00.000Z' },
            { offset: 'P1D', at: '2026-05-29T08:00:00.000Z' },
          ],
        }),
      ])
  })

  it('is scheduled when it starts later; the period counts from the start', () => {
    given()
      .when(assign({ startAt: END }), asAda())
      .thenEvents([direct({ startAt: END }), approved, scheduled()])
    given()
      .when(assign({ startAt: END, endAt: '2026-06-01T00:00:00.000Z' }), asAda())
      .thenEvents([
        direct({ startAt: END, endAt: '2026-06-01T00:00:00.000Z' }),
        approved,
        scheduled({ endAt: '2026-06-01T00:00:00.000Z' }),
      ])
  })

  it('starts now when told to start now', () => {
    given()
      .when(assign({ startAt: NOW }), asAda())
      .thenEvents([direct({ startAt: NOW }), approved, started()])
  })

  it.each([
    ['start in the past', { startAt: '2026-05-01T07:59:59.999Z' }, 'assignment.start-in-past'],
    ['end in the past', { endAt: NOW }, 'assignment.end-in-past'],
    ['end before start', { startAt: END2, endAt: END }, 'assignment.end-before-start'],
    ['end at the start', { startAt: END, endAt: END }, 'assignment.end-before-start'],
  ])('refuses an %s', (_what, span, code) => {
    given().when(assign(span), asAda()).thenRefused(code, { kind: 'invalid' })
  })

  it('refuses to start after the policy’s date, unless an end is given', () => {
    const expiration = { kind: 'onDate', date: '2026-05-30' } as const
    const terms = { ...FOR_NO_ONE, expiration }
    const policy = exampleApplication(terms, { basis: null })
    given()
      .when(assign({ startAt: END }), asAda(policy))
      .thenRefused('assignment.end-passed')
    given()
      .when(assign({ startAt: END, endAt: END2 }), asAda(policy))
      .thenEvents([
        direct({ terms: exampleTerms(terms), startAt: END, endAt: END2 }),
        approved,
        scheduled(),
      ])
  })

  it('needs package, subject, and that nothing is open or current', () => {
    given()
      .when(assign(), asAda(byHand, { package: { exists: false, policies: [] } }))
      .thenRefused('package.not-found')
    given()
      .when(assign(), asAda(byHand, { subject: { exists: true, enabled: false } }))
      .thenRefused('subject.disabled')
    given(submitted()).when(assign(), asAda()).thenRefused('request.already-pending')
    given(...ASSIGNED)
      .when(assign(), asAda())
      .thenRefused('request.already-assigned')
  })
})

describe('StartAssignment (S18, S28)', () => {
  const start = { type: 'StartAssignment', assignmentId: A1 } as const
  const history = [direct({ startAt: END }), approved, scheduled()]
  const reminders = [
    { offset: 'P14D', at: '2026-06-16T08:00:00.000Z' },
    { offset: 'P1D', at: '2026-06-29T08:00:00.000Z' },
  ] as const
  const startedLater = (startedAt: string) =>
    started({ startedAt, endAt: END2, reminders: [...reminders] })

  it('starts in time, or late, with the end that was set', () => {
    given(...history)
      .when(start, { now: END })
      .thenEvents([startedLater(END)])
    given(...history)
      .when(start, { now: '2026-06-05T00:00:00.000Z' })
      .thenEvents([startedLater('2026-06-05T00:00:00.000Z')])
  })
  it('not early, not twice, not after its cancellation', () => {
    given(...history)
      .when(start, { now: '2026-05-31T07:59:59.999Z' })
      .thenRefused('deadline.early', { data: { dueAt: END } })
    given(...history, startedLater(END))
      .when(start, { now: END })
      .thenNothing()
    given(...history, {
      type: 'RequestCancelled.v1',
      data: { requestId: R1, by: 'ada', reason: null, assignmentId: A1 },
    })
      .when(start, { now: END })
      .thenNothing()
  })
  it('ends without having started when its end has passed as well', () => {
    given(...history)
      .when(start, { now: END2 })
      .thenEvents([ended({ endAt: END2 })])
  })
  it('is the engine’s own', () => {
    given(...history)
      .when(start, { now: END, actor: ADA })
      .thenRefused('entitlement.engine-only')
    given().when(start).thenRefused('assignment.not-found')
  })
  it('plans only what is still ahead', () => {
    given(...history)
      .when(start, { now: P14D.replace('-05-', '-06-') })
      .thenEvents([
        started({
          startedAt: '2026-06-17T08:00:00.000Z',
          endAt: END2,
          reminders: [reminders[1]],
        }),
      ])
  })
})
