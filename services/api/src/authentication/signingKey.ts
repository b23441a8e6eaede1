import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { z } from 'zod'
import { type KeyFile, KeyFileError, openKeyFile } from './keyFile.ts'

/** JWS algorithm of our own tokens: Ed25519 (RFC 8037). */
export const TOKEN_ALGORITHM = 'EdDSA'

/** The key file can't be used; the message says which file and what to do. */
export class SigningKeyError extends KeyFileError {
  constructor(message: string, cause?: unknown) {
    super('authentication.signing-key', message, cause)
    this.name = 'SigningKeyError'
  }
}

const privateJwkSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
})

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly keyId: string
  readonly privateKey: CryptoKey
  readonly publicJwk: {
    readonly kty: 'OKP'
    readonly crv: 'Ed25519'
    readonly x: string
    readonly kid: string
    readonly alg: string
    readonly use: 'sig'
  }
}

const SIGNING_KEY: KeyFile<SigningKey> = {
  fileName: 'signing-key.json',
  name: 'the signing key',
  holds: 'an Ed25519 key',
  lost: 'the tokens issued so far stop working',
  make: async () => {
    const { privateKey } = await generateKeyPair(TOKEN_ALGORITHM, {
      crv: 'Ed25519',
      extractable: true,
    })
    return `${JSON.stringify(await exportJWK(privateKey))}\n`
  },
  read: async (text) => {
    const jwk = privateJwkSchema.parse(JSON.parse(text))
    const privateKey = await importJWK(jwk, TOKEN_ALGORITHM)
    if (privateKey instanceof Uint8Array) throw new Error('not a key pair')
    const { d: _, ...publicJwk } = jwk
    const keyId = await calculateJwkThumbprint(publicJwk)
    return {
      keyId,
      privateKey,
      publicJwk: { ...publicJwk, kid: keyId, alg: TOKEN_ALGORITHM, use: 'sig' },
    }
  },
  error: (message, cause) => new SigningKeyError(message, cause),
}

/**
 * The engine's own key pair, kept in `<keyDir>/signing-key.json`; see {@link openKeyFile}.
 * @throws SigningKeyError when the file can't be read, is open to others or holds something else
 */
export const openSigningKey = (keyDir: string): Promise<SigningKey> =>
  openKeyFile(keyDir, SIGNING_KEY)
