import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { KeyFileError, openKeyFile } from '../authentication/keyFile.ts'

/**
 * What sessions and sign-ins are protected with: one secret of the key folder, which all processes share, with a key
 * for each use.
 */
export interface SessionKeys {
  /** Encrypts what a browser keeps while somebody signs in; 256 bits. */
  readonly signInCookie: Uint8Array
  /** Encrypts what the database keeps for the sign-out; 256 bits. */
  readonly idToken: Uint8Array
  /** Keyed hash (HMAC-SHA-256, base64url) that makes a session's CSRF token. */
  csrf(sessionHash: string): string
}

const secretSchema = z.object({ kty: z.literal('oct'), k: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })

/** Keys from a secret of 256 bits. */
export const sessionKeysOf = (secret: Uint8Array): SessionKeys => {
  const derive = (use: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `portcullis ${use}`, 32))
  const csrf = derive('csrf')
  return {
    signInCookie: derive('sign-in cookie'),
    idToken: derive('id token'),
    csrf: (hash) => createHmac('sha256', csrf).update(hash).digest('base64url'),
  }
}

/**
 * The keys of `<keyDir>/session-key.json`; see {@link openKeyFile}.
 * @throws KeyFileError when the file can't be read, is open to others or holds something else
 */
export const openSessionKeys = (keyDir: string): Promise<SessionKeys> =>
  openKeyFile(keyDir, {
    fileName: 'session-key.json',
    name: 'the key of sessions',
    holds: 'a secret of 256 bits',
    lost: 'pages that are open have to be loaded again',
    make: async () =>
      `${JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url') })}\n`,
    read: async (text) =>
      sessionKeysOf(Buffer.from(secretSchema.parse(JSON.parse(text)).k, 'base64url')),
    error: (message, cause) => new KeyFileError('authentication.session-key', message, cause),
  })
