import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, messageOf } from '@portcullis/core'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { z } from 'zod'

/** JWS algorithm of our own tokens: Ed25519 (RFC 8037). */
export const TOKEN_ALGORITHM = 'EdDSA'
const FILE_NAME = 'signing-key.json'

/** The key file can't be used; the message says which file and what to do. */
export class SigningKeyError extends Error {
  readonly code = 'authentication.signing-key'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
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

/**
 * The engine's own key pair, kept in `<keyDir>/signing-key.json` for its owner only; made when it isn't there.
 * Processes that start at the same time end with the same key: the file appears whole or not at all, and the first one stays.
 * @throws SigningKeyError when the file can't be read, is open to others or holds something else
 */
export const openSigningKey = async (keyDir: string): Promise<SigningKey> => {
  const path = join(keyDir, FILE_NAME)
  const kept = await readKey(path)
  if (kept !== undefined) return kept
  await createKey(keyDir, path)
  const created = await readKey(path)
  if (created === undefined)
    throw new SigningKeyError(`${path} was removed while it was being made`)
  return created
}

const createKey = async (keyDir: string, path: string): Promise<void> => {
  const { privateKey } = await generateKeyPair(TOKEN_ALGORITHM, {
    crv: 'Ed25519',
    extractable: true,
  })
  const text = `${JSON.stringify(await exportJWK(privateKey))}\n`
  const draft = join(keyDir, `.${FILE_NAME}.${randomUUID()}`)
  try {
    await mkdir(keyDir, { recursive: true, mode: 0o700 })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    // A link fails where the name is taken, so that the first process wins and nobody reads half a file.
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } catch (error) {
    throw new SigningKeyError(
      `cannot write the signing key to ${path}: ${messageOf(error)}; the folder must be writable for the user that runs the engine`,
      error,
    )
  } finally {
    await unlink(draft).catch(() => undefined)
  }
}

const readKey = async (path: string): Promise<SigningKey | undefined> => {
  let text: string
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new SigningKeyError(
        `${path} can be read by others; run "chmod 600" on it, or delete it: a new key is made and the tokens issued so far stop working`,
      )
    }
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof SigningKeyError) throw error
    throw new SigningKeyError(`cannot read the signing key ${path}: ${messageOf(error)}`, error)
  }
  try {
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
  } catch {
    // The reason may quote the file, and so the key: it is left out.
    throw new SigningKeyError(
      `${path} does not hold an Ed25519 key; restore it from a backup, or delete it: a new key is made and the tokens issued so far stop working`,
    )
  }
}
