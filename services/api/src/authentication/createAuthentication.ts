import type { Clock } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'
import { createKnownCallers } from '../knownCallers.ts'
import { ApiProblem, unknownActor } from '../problems.ts'
import { type Authenticator, challenge } from './authenticator.ts'

export interface AuthenticationOptions {
  readonly application: Pick<Application, 'whoAmI'>
  readonly authenticator: Authenticator
  readonly clock: Clock
}

/** Who sends a request, by its Authorization header. @throws ApiProblem 401, with what to send */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

/** Knows callers by their tokens, and people by the directory too. */
export const createAuthentication = (options: AuthenticationOptions): Authenticate => {
  const isKnown = createKnownCallers(options.application, options.clock)
  return async (authorization) => {
    const found = await options.authenticator.authenticate(authorization)
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
