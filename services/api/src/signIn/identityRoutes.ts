import type { IdentityView } from '@portcullis/api-contract'
import { idSchema } from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Authenticate } from '../authentication/createAuthentication.ts'
import { readInput } from '../input.ts'
import { ApiProblem } from '../problems.ts'
import { isUserAdministrator, onlyForAdministrators } from './administrators.ts'
import type { SessionStore } from './sessionStore.ts'
import type { SignInRecords } from './signInRecords.ts'

const list = {
  params: z.unknown(),
  query: z.strictObject({ personId: idSchema }),
  body: z.unknown(),
}
const one = {
  params: z.strictObject({ id: z.uuid('is not the id of an account') }),
  query: z.strictObject({}),
  body: z.unknown(),
}

/**
 * Which accounts of the identity provider are whose, for User administrators: a link is never moved by a sign-in, so
 * where it is wrong by now, as after an account was made anew, somebody takes it back here. The sessions end with it.
 */
export const addIdentityRoutes = (
  app: FastifyInstance,
  options: {
    readonly records: SignInRecords
    readonly store: SessionStore
    readonly application: Pick<Application, 'whoAmI'>
    readonly authenticate: Authenticate
  },
): void => {
  const { records, store, application, authenticate } = options

  app.get('/auth/identities', async (request) => {
    const caller = await authenticate(request)
    const { query } = readInput(list, { params: {}, query: request.query, body: undefined })
    if (!(await isUserAdministrator(application, caller))) throw onlyForAdministrators()
    const items: readonly IdentityView[] = await records.linksOf(query.personId)
    return { items }
  })

  app.delete('/auth/identities/:id', async (request, reply) => {
    const caller = await authenticate(request)
    const { params } = readInput(one, { ...request, body: undefined })
    if (!(await isUserAdministrator(application, caller))) throw onlyForAdministrators()
    const link = await records.unlink(params.id)
    if (link === undefined)
      throw new ApiProblem(
        404,
        'identity.not-found',
        'there is no account with that id, or it is nobody’s any more',
      )
    const ended = await store.endOfPerson(link.personId)
    request.log.info({ identity: link.id, sessions: ended }, 'an account was taken from a person')
    return reply.code(204).send()
  })
}
