import { addMillis, type Clock } from '@portcullis/core'
import type { FastifyInstance } from 'fastify'
import { ApiProblem } from '../problems.ts'
import { describeFault, faultOf } from './faults.ts'
import { acceptForms } from './forms.ts'
import type { SignIn } from './signInRoutes.ts'

/** Longer than a logout token is taken. */
const REMEMBERED_MILLIS = 15 * 60_000

/**
 * `POST /auth/backchannel-logout`: the identity provider ends somebody's sessions (OpenID Connect Back-Channel Logout
 * 1.0).
 * It proves itself by the signature of its token. Whoever sends another learns only that it isn't taken.
 */
export const addLogoutRoute = (
  app: FastifyInstance,
  {
    signIn: { provider, sessions },
    clock,
  }: { readonly signIn: Pick<SignIn, 'provider' | 'sessions'>; readonly clock: Clock },
): void => {
  app.register(async (scope) => {
    acceptForms(scope)
    scope.post('/auth/backchannel-logout', async (request, reply) => {
      const token =
        request.body instanceof URLSearchParams ? request.body.get('logout_token') : undefined
      const order = await provider.logoutOrder(token).catch((error: unknown) => {
        request.log.warn(
          { reason: describeFault(error) },
          'an order to sign somebody out was not taken',
        )
        throw faultOf(error) === 'not-valid' ? notTaken() : notNow()
      })
      const ended = await sessions.store.endByOrder({
        issuer: order.issuer,
        which: order.which,
        key: `${order.issuer} ${order.jti}`,
        until: addMillis(clock.now(), REMEMBERED_MILLIS),
      })
      if (ended === undefined) {
        request.log.warn({}, 'an order to sign somebody out came twice')
        throw notTaken()
      }
      request.log.info({ sessions: ended }, 'the identity provider signed somebody out')
      return reply.send({ ended })
    })
  })
}

const notTaken = (): ApiProblem =>
  new ApiProblem(
    400,
    'sign-in.logout-token',
    'this is not a logout token of the configured issuer for this client, or it came before',
  )

const notNow = (): ApiProblem =>
  new ApiProblem(
    503,
    'sign-in.provider-unreachable',
    'the issuer’s keys can’t be reached now; send it again in a moment',
    { headers: { 'Retry-After': '5' } },
  )
