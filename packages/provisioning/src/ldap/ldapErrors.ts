import { codeOf } from '@portcullis/core'
import { ResultCodeError } from 'ldapts'
import { ConnectorError } from '../connector.ts'

/** Result codes that the connector tells apart: RFC 4511 appendix A.2. */
export const ldapCode = {
  operationsError: 1,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  referral: 10,
  confidentialityRequired: 13,
  noSuchAttribute: 16,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  objectClassViolation: 65,
  other: 80,
} as const

/** The target's result code; undefined for anything else than an answer of the target. */
export const resultCodeOf = (error: unknown): number | undefined =>
  error instanceof ResultCodeError ? error.code : undefined

const unavailable: ReadonlySet<number> = new Set([
  ldapCode.operationsError,
  ldapCode.timeLimitExceeded,
  ldapCode.busy,
  ldapCode.unavailable,
  ldapCode.other,
])
const unauthorised: ReadonlySet<number> = new Set([
  ldapCode.strongerAuthRequired,
  ldapCode.confidentialityRequired,
  ldapCode.inappropriateAuthentication,
  ldapCode.invalidCredentials,
])

/** What the target said, as a sentence. */
export const saidBy = (error: ResultCodeError): string =>
  `the target answered ${error.code}: ${error.message.replace(/ Code: 0x[0-9a-f]+$/, '') || 'no reason'}`

/**
 * What the target's answer means whatever was asked; undefined when that depends on the request.
 * @returns transient for codes 1, 3, 51, 52, 80; lasting for credentials, rights and referrals
 */
const generalError = (error: ResultCodeError): ConnectorError | undefined => {
  const said = saidBy(error)
  if (unavailable.has(error.code))
    return new ConnectorError('ldap.unavailable', said, { transient: true })
  if (unauthorised.has(error.code)) {
    return lasting(
      'ldap.unauthorised',
      `${said}; correct the connector's bindDn, password or encryption, then reprocess`,
    )
  }
  if (error.code === ldapCode.insufficientAccessRights)
    return lasting('ldap.forbidden', `${said}; give bindDn the right, then reprocess`)
  if (error.code === ldapCode.referral) {
    return lasting(
      'ldap.referral',
      `${said}; correct the connector's url to the server that takes changes`,
    )
  }
  return undefined
}

/**
 * Any failure as a ConnectorError.
 * @param refusal code for answers whose meaning depends on the request
 */
export const asConnectorError = (refusal: string, error: unknown): unknown => {
  if (!(error instanceof ResultCodeError)) return error
  return generalError(error) ?? lasting(refusal, saidBy(error))
}

/** True when the target refused this very request, rather than the one who asks or everything for now. */
export const isRefusal = (error: unknown): error is ResultCodeError =>
  error instanceof ResultCodeError && generalError(error) === undefined

export const lasting = (code: string, message: string): ConnectorError =>
  new ConnectorError(code, message, { transient: false })

/**
 * Why there was no answer: transient, except for a certificate that isn't trusted.
 * @param host shown in the message
 */
export const networkError = (
  error: unknown,
  host: string,
  timeoutMillis: number,
): ConnectorError => {
  const message = error instanceof Error ? error.message : 'network error'
  const code = codeOf(error) ?? ''
  if (/timed out|timeout/i.test(message) || code === 'ETIMEDOUT') {
    return new ConnectorError('ldap.timeout', `${host}: no answer within ${timeoutMillis} ms`, {
      transient: true,
    })
  }
  if (/CERT|ERR_TLS|SIGNATURE|ISSUER/.test(code)) {
    return lasting(
      'ldap.certificate',
      `${host}: ${message}; name the authority that signed its certificate (caFile), and the host as the certificate does`,
    )
  }
  return new ConnectorError('ldap.unreachable', `${host}: ${code === '' ? message : code}`, {
    transient: true,
  })
}

/** Failures that no other access of the same call would escape. */
export const concernsAll = (error: ConnectorError): boolean =>
  error.transient ||
  ['ldap.unauthorised', 'ldap.certificate', 'ldap.referral', 'ldap.base-not-found'].includes(
    error.code,
  )
