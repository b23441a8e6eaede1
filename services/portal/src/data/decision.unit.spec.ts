import { Refused } from '@portcullis/client'
import { expect, it } from 'vitest'
import { firstDecision } from './decision.ts'

const refused = (code: string, data: Record<string, unknown>) =>
  new Refused({ type: '', title: '', status: 409, code, detail: '', requestId: 'r', data })
const at = '2026-12-01T14:53:17.777Z'

it('who was first is read from the refusal of whoever came second', () => {
  const code = 'approval.already-decided'
  expect(firstDecision(refused(code, { decision: 'deny', by: 'bob', at }))).toEqual({
    decision: 'denied',
    by: 'bob',
    at,
  })
  expect(firstDecision(refused(code, { decision: 'approve', by: 'bob', at: null }))).toEqual({
    decision: 'approved',
    by: 'bob',
    at: null,
  })
  expect(firstDecision(refused(code, { decision: 'other', by: 'bob' }))).toBeUndefined()
  expect(
    firstDecision(refused('approval.forbidden', { decision: 'deny', by: 'x' })),
  ).toBeUndefined()
})
