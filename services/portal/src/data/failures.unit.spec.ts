import { Refused, SignedOut, UnexpectedAnswer, Unreachable } from '@portcullis/client'
import { describe, expect, it } from 'vitest'
import de from '../i18n/messages/de.json' with { type: 'json' }
import { createTranslate } from '../i18n/translate.ts'
import { describeFailure, isNotYours, isSignedOut } from './failures.ts'

const t = createTranslate(de, 'de', false)
const refused = (status: number, code: string) =>
  new Refused({ type: '', title: '', status, code, detail: 'in English', requestId: 'r1' })

describe('a failure', () => {
  it('is said in the reader’s language by its code, else in the engine’s words', () => {
    expect(describeFailure(refused(409, 'request.already-pending'), t)).toEqual({
      text: 'Sie haben dieses Paket schon beantragt, und der Antrag ist noch offen.',
      code: 'request.already-pending',
      requestId: 'r1',
    })
    expect(describeFailure(refused(409, 'some.new-code'), t).text).toBe('in English')
  })

  it('of the server is ours, and shows nothing of what came instead of an answer', () => {
    const strange = new UnexpectedAnswer('getMe', undefined, 502, '<html>secret</html>', undefined)
    expect(describeFailure(strange, t)).toEqual({ text: de['state.fault'] })
    const gone = new Unreachable('getMe', undefined, 8, { why: 'x', url: '/v1/me' })
    expect(describeFailure(gone, t).text).toBe(de['state.unreachable'])
    expect(describeFailure(new TypeError('x is undefined'), t)).toEqual({ text: de['state.fault'] })
  })

  it('that it isn’t there and that it isn’t yours are one; a lost session is another', () => {
    expect(
      [refused(404, 'query.not-found'), refused(403, 'query.forbidden')].map(isNotYours),
    ).toEqual([true, true])
    expect(isNotYours(refused(403, 'request.forbidden'))).toBe(false)
    expect(
      [refused(401, 'authentication.session-ended'), new SignedOut()].map(isSignedOut),
    ).toEqual([true, true])
    expect(isSignedOut(refused(403, 'x'))).toBe(false)
  })
})
