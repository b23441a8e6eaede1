import { Refused, UnexpectedAnswer, Unreachable } from '@portcullis/client'
import type { Translate } from '../i18n/translate.ts'

export interface Failure {
  readonly text: string
  readonly code?: string | undefined
  /** To quote in a report. */
  readonly requestId?: string | undefined
}

/** It isn't there, or it isn't this person's: the API says the same to both. */
export const isNotYours = (error: Error): boolean =>
  error instanceof Refused && (error.status === 404 || error.code === 'query.forbidden')

export const isSignedOut = (error: Error): boolean =>
  error.name === 'SignedOut' || (error instanceof Refused && error.status === 401)

/** In the reader's language by the refusal's code; in the engine's own words where we have none for it. */
export const describeFailure = (error: Error, t: Translate): Failure => {
  if (error instanceof Refused) {
    const { code, requestId, message } = error
    return { text: t.find(`refusal.${code}`) ?? message, code, requestId }
  }
  if (isSignedOut(error)) return { text: t('session.ended') }
  if (error instanceof Unreachable) {
    const { problem } = error
    return { text: t('state.unreachable'), code: problem?.code, requestId: problem?.requestId }
  }
  if (error instanceof UnexpectedAnswer) {
    const { problem } = error
    return { text: t('state.fault'), code: problem?.code, requestId: problem?.requestId }
  }
  return { text: t('state.fault') }
}
