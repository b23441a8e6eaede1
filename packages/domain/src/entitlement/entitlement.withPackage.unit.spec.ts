import { describe, it } from 'vitest'
import { exampleFacts, USER_ADMINISTRATOR } from '../testing/index.ts'
import {
  A1,
  ASSIGNED,
  approverFacts,
  assignedBy,
  cancelled,
  denied,
  END,
  END2,
  ended,
  given,
  LENA,
  MIRA,
  R1,
  R2,
  scheduled,
  submitted,
} from './entitlement.fixture.ts'

const deleted = { exists: false, policies: [] }
const reason = 'the access package has been deleted'
const gone = { facts: exampleFacts([], { package: deleted }) }
const removed = ended({ reason: 'removed', by: 'system', justification: reason })
const withdrawn = (requestId = R1) => cancelled({ requestId, by: 'system', reason })
const openExtension = submitted({
  requestId: R2,
  kind: 'extension',
  assignmentId: A1,
  approval: { stage: 1, decideBy: END2 },
})

describe('EndWithPackage (S24)', () => {
  const end = { type: 'EndWithPackage' } as const

  it('cancels what waits for approval, or for its start', () => {
    given(submitted()).when(end, gone).thenEvents([withdrawn()])
    given(submitted({ approval: null }), scheduled())
      .when(end, gone)
      .thenEvents([cancelled({ by: 'system', reason, assignmentId: A1 })])
  })
  it('ends what is active, with a request to extend it', () => {
    given(...ASSIGNED)
      .when(end, gone)
      .thenEvents([removed])
    given(...ASSIGNED, openExtension)
      .when(end, gone)
      .thenEvents([removed, withdrawn(R2)])
  })
  it('does nothing twice, after the end, before anything, or while the package is there', () => {
    given(submitted(), withdrawn()).when(end, gone).thenNothing()
    given(...ASSIGNED, removed)
      .when(end, gone)
      .thenNothing()
    given(...ASSIGNED, ended())
      .when(end, gone)
      .thenNothing()
    given().when(end, gone).thenNothing()
    given(...ASSIGNED)
      .when(end)
      .thenNothing()
  })
  it('is the engine’s own', () => {
    given(...ASSIGNED)
      .when(end, { ...gone, actor: MIRA })
      .thenRefused('entitlement.engine-only', { kind: 'forbidden' })
  })
})

describe('a package that has been deleted (S24)', () => {
  it('is not requested, and not assigned directly', () => {
    given()
      .when(
        {
          type: 'SubmitRequest',
          packageId: 'tools',
          subjectId: 'mira',
          policyId: null,
          justification: null,
        },
        { ...gone, actor: MIRA },
      )
      .thenRefused('package.not-found')
    given()
      .when(
        {
          type: 'AssignDirectly',
          packageId: 'tools',
          subjectId: 'mira',
          policyId: 'standard',
          startAt: null,
          endAt: null,
          justification: null,
        },
        { facts: { ...gone.facts, actor: USER_ADMINISTRATOR }, actor: LENA },
      )
      .thenRefused('package.not-found')
  })
  it('lets a request be denied, but not approved', () => {
    const decide = (decision: 'approve' | 'deny') =>
      ({ type: 'DecideApproval', requestId: R1, decision, justification: null }) as const
    const asLena = { actor: LENA, facts: approverFacts({ package: deleted }) }
    given(submitted())
      .when(decide('approve'), asLena)
      .thenRefused('package.deleted', { kind: 'not-allowed', data: { packageId: 'tools' } })
    given(submitted()).when(decide('deny'), asLena).thenEvents([denied()])
  })
  it('lets no assignment be extended, nor the extension be approved', () => {
    given(...assignedBy({}))
      .when(
        { type: 'RequestExtension', assignmentId: A1, justification: null },
        { ...gone, actor: MIRA },
      )
      .thenRefused('package.deleted')
    given(...ASSIGNED, openExtension)
      .when(
        { type: 'DecideApproval', requestId: R2, decision: 'approve', justification: null },
        { actor: LENA, facts: approverFacts({ package: deleted }) },
      )
      .thenRefused('package.deleted')
  })
  it('lets no assignment start: it is cancelled when its time comes', () => {
    given(submitted({ approval: null }), scheduled())
      .when({ type: 'StartAssignment', assignmentId: A1 }, { ...gone, now: END })
      .thenEvents([cancelled({ by: 'system', reason, assignmentId: A1 })])
  })
})
