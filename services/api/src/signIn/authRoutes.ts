import type { Clock } from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../authentication/createAuthentication.ts'
import { limitAddress } from '../rateLimits.ts'
import { describeFault } from './faults.ts'
import { addIdentityRoutes } from './identityRoutes.ts'
import { addLogoutRoute } from './logoutRoute.ts'
import { openIdToken } from './sealedIdToken.ts'
import { addSessionRoutes } from './sessionRoutes.ts'
import { addSignInRoutes, type SignIn } from './signInRoutes.ts'

export interface AuthRouteOptions {
  readonly signIn: SignIn & {
    /** Sign-ins of one address in a minute; 0: any number. */
    readonly perAddress: number
  }
  readonly application: Pick<Application, 'whoAmI'>
  readonly authenticate: Authenticate
  readonly clock: Clock
  readonly baseUrl: string
}

/** Everything under `/auth`. */
export const addAuthRoutes = (app: FastifyInstance, options: AuthRouteOptions): void => {
  const { signIn } = options
  const { sessions, provider, keys, records } = signIn
  addSignInRoutes(app, { ...options, limit: limitAddress(app, signIn.perAddress) })
  addLogoutRoute(app, options)
  addIdentityRoutes(app, { ...options, records, store: sessions.store })
  addSessionRoutes(app, {
    ...options,
    sessions,
    endSession: async ({ id }) => {
      const idToken = await openIdToken(await sessions.store.idTokenOf(id), keys)
      // Signed out here in any case; there, when it can be reached.
      return provider.signOutAddress(idToken).catch((error: unknown) => {
        app.log.warn(
          { reason: describeFault(error) },
          'the identity provider can’t be asked how to sign out',
        )
        return null
      })
    },
  })
}
