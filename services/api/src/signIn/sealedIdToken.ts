import { fromMillis, type Instant } from '@portcullis/core'
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { Vouched } from './provider.ts'
import type { SessionKeys } from './sessionKeys.ts'
import type { NewSession } from './sessionStore.ts'

const MOST_TEXT = 256
const MOST_METHODS = 10

/** The session of somebody whom the issuer vouched for. What it said besides who they are is kept in bounds. */
export const newSessionOf = async (
  { issuer, claims, idToken }: Vouched,
  personId: string,
  userAgent: string,
  keys: SessionKeys,
): Promise<NewSession> => ({
  personId,
  issuer,
  subject: claims.sub,
  sid: textOf(claims.sid, 1024),
  authTime: instantOf(claims.auth_time),
  acr: textOf(claims.acr, MOST_TEXT),
  amr: Array.isArray(claims.amr)
    ? claims.amr.flatMap((each) => textOf(each, MOST_TEXT) ?? []).slice(0, MOST_METHODS)
    : [],
  userAgent: userAgent.replaceAll('\0', ''),
  idToken: await new CompactEncrypt(new TextEncoder().encode(idToken))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(keys.idToken),
})

/** The id token of a session's beginning; null where there is none that can be read, as after the key was made anew. */
export const openIdToken = async (
  sealed: string | null,
  keys: SessionKeys,
): Promise<string | null> => {
  if (sealed === null) return null
  try {
    const { plaintext } = await compactDecrypt(sealed, keys.idToken, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return new TextDecoder().decode(plaintext)
  } catch {
    return null
  }
}

const textOf = (claim: unknown, most: number): string | null =>
  typeof claim === 'string' && claim !== '' && claim.length <= most && !claim.includes('\0')
    ? claim
    : null

/** Seconds since 1970, as tokens have it; until the year 2200. */
const instantOf = (claim: unknown): Instant | null =>
  typeof claim === 'number' && claim > 0 && claim < 7_258_118_400
    ? fromMillis(Math.floor(claim) * 1000)
    : null
