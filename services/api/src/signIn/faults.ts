import { codeOf } from '@portcullis/core'
import { passingFailure } from '@portcullis/postgres'
import { ApiProblem } from '../problems.ts'
import { TokenRefused } from './issuerTokens.ts'
import type { SignInFault } from './pages/texts.ts'

/**
 * Codes of openid-client and jose for a provider that can't be had, or isn't one; every other of `OAUTH_` is about an
 * answer that isn't as it has to be.
 */
const UNREACHABLE =
  /^(?:OAUTH_(?:RESPONSE_IS_NOT_CONFORM|RESPONSE_IS_NOT_JSON|TIMEOUT|ABORT|HTTP_REQUEST_FORBIDDEN|REQUEST_PROTOCOL_FORBIDDEN|JSON_ATTRIBUTE_COMPARISON_FAILED|INVALID_SERVER_METADATA|MISSING_SERVER_METADATA)|ERR_JWKS_\w+|ERR_JOSE_GENERIC|sign-in\.(?:unsafe-provider|answer-too-large))$/

/** Which page tells of an error. */
export const faultOf = (error: unknown): SignInFault => {
  if (error instanceof ApiProblem) return error.status === 429 ? 'too-many' : 'failed'
  if (error instanceof TokenRefused) return 'not-valid'
  // The library wraps what its connection throws.
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined) ?? ''
  if (UNREACHABLE.test(code)) return 'provider-unreachable'
  if (code.startsWith('OAUTH_')) return 'not-valid'
  if (passingFailure(error) !== undefined) return 'failed'
  const isNetwork =
    error instanceof Error &&
    (error.name === 'TimeoutError' || (error instanceof TypeError && 'cause' in error))
  return isNetwork ? 'provider-unreachable' : 'failed'
}

/** What a log may hold of it: an error's cause here is the token, or the address with the code, that it is about. */
export const describeFault = (error: unknown): object =>
  error instanceof Error
    ? {
        name: error.name,
        message: error.message.slice(0, 200),
        ...(codeOf(error) === undefined ? {} : { code: codeOf(error) }),
      }
    : { message: 'not an error' }
