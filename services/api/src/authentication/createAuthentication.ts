import type { Clock } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'
import { createKnownCallers } from '../knownCallers.ts'
import { ApiProblem, unknownActor } from '../problems.ts'
import { type Sessions, sessionEnded } from '../signIn/sessions.ts'
import { type Authenticator, type Credentials, challenge } from './authenticator.ts'

export interface AuthenticationOptions {
  readonly application: Pick<Application, 'whoAmI'>
  readonly authenticator: Authenticator
  /** Of people who signed in; absent: tokens are all that is taken. */
  readonly sessions?: Pick<Sessions, 'ofRequest' | 'store'>
  readonly clock: Clock
}

/**
 * Who sends a request: by its Authorization header, else by the cookie of a session.
 * @throws ApiProblem 401, 403, with what to send
 */
export type Authenticate = (request: Credentials) => Promise<Caller>

/** Knows callers by their tokens or sessions, and people by the directory too. */
export const createAuthentication = (options: AuthenticationOptions): Authenticate => {
  const { authenticator, sessions } = options
  const isKnown = createKnownCallers(options.application, options.clock)
  const bySession = async (request: Credentials): Promise<Caller | undefined> => {
    const session = await sessions?.ofRequest(request)
    if (sessions === undefined || session === undefined) return undefined
    const { personId, issuer, authTime, acr } = session
    const caller: Caller = {
      actor: { kind: 'user', id: personId },
      directoryRoles: [],
      authentication: { kind: 'session', issuer, authTime, acr },
    }
    if (await isKnown(caller)) return caller
    // Somebody who is disabled is signed out for good: their sessions don't come back with them.
    await sessions.store.endOfPerson(personId)
    throw sessionEnded()
  }
  return async (request) => {
    const { authorization } = request.headers
    // A token wins, also one that is refused: a program that sends one doesn't mean the cookie of a browser.
    const signedIn = authorization === undefined ? await bySession(request) : undefined
    if (signedIn !== undefined) return signedIn
    const found = await authenticator.authenticate(authorization)
    if (!found.ok) {
      throw new ApiProblem(401, `authentication.${found.error}`, found.message, {
        headers: { 'WWW-Authenticate': challenge(found.error, found.message) },
      })
    }
    const caller = { actor: found.actor, directoryRoles: found.directoryRoles }
    if (await isKnown(caller)) return caller
    throw unknownActor()
  }
}
