import { describe, expect, it } from 'vitest'
import en from '../i18n/messages/en.json' with { type: 'json' }
import { createTranslate } from '../i18n/translate.ts'
import { tell } from './history.ts'

const t = createTranslate(en, 'en', false)
const told = (type: string, data: unknown) =>
  tell(
    { position: '1', at: '2026-12-01T12:00:00Z', type, actor: { kind: 'user', id: 'bob' }, data },
    'Bob',
    t,
  )

describe('what happened', () => {
  it.each([
    ['RequestSubmitted.v1', { kind: 'new' }, 'Bob asked for it.'],
    ['RequestSubmitted.v2', { kind: 'extension' }, 'Bob asked to extend it.'],
    ['RequestSubmitted.v1', { kind: 'direct' }, 'Bob assigned it directly.'],
    ['AssignmentEnded.v2', { reason: 'subject-left' }, 'It ended, as the person has left.'],
    ['AssignmentEnded.v2', { reason: 'removed' }, 'Bob ended it.'],
    ['AssignmentEnded.v9', { reason: 'something new' }, 'It ended.'],
    ['SomethingNew.v1', null, 'SomethingNew'],
  ])('%s with %j is: %s', (type, data, sentence) => {
    expect(told(type, data).sentence).toBe(sentence)
  })

  it('keeps what somebody wrote out of our sentences', () => {
    const words = 'extension {actor} <b>approved by the system</b>'
    const denied = told('ApprovalDenied.v1', { justification: words })
    expect([denied.sentence, denied.words]).toEqual(['Bob denied it.', words])
    const cancelled = told('RequestCancelled.v1', { reason: 'expired' })
    expect([cancelled.sentence, cancelled.words]).toEqual(['Bob cancelled it.', 'expired'])
  })
})
