import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'

export interface ForgedKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export const makeKey = async (kid: string, alg = 'RS256'): Promise<ForgedKey> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** An issuer that gives whatever token a test makes up. */
export const openForgedIssuer = async () => {
  const key = await makeKey('first')
  const published: JWK[] = [key.publicJwk]
  const asked: string[] = []
  const wrong: { document: object; token: object; status: number } = {
    document: {},
    token: {},
    status: 200,
  }
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answers: Readonly<Record<string, () => object>> = {
    '/.well-known/openid-configuration': () => ({
      issuer: url(),
      authorization_endpoint: `${url()}/authorize`,
      token_endpoint: `${url()}/token`,
      jwks_uri: `${url()}/jwks`,
      end_session_endpoint: `${url()}/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      // It would take anything.
      id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
      authorization_response_iss_parameter_supported: true,
      ...wrong.document,
    }),
    '/jwks': () => ({ keys: published }),
    '/token': () => ({ access_token: 'at', token_type: 'Bearer', expires_in: 60, ...wrong.token }),
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    request.resume()
    const answer = answers[path]
    response
      .writeHead(answer === undefined ? 404 : wrong.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer?.() ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: url(),
    key,
    published,
    /** Paths, in order. */
    asked,
    wrong,
    sign: (claims: JWTPayload, signer: ForgedKey = key, header: object = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: signer.publicJwk.alg ?? 'RS256', kid: signer.kid, ...header })
        .sign(signer.privateKey),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type ForgedIssuer = Awaited<ReturnType<typeof openForgedIssuer>>
