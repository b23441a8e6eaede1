import type { SessionAnswer, SessionView } from '@portcullis/api-contract'
import { idSchema } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Authenticate } from '../authentication/createAuthentication.ts'
import { readInput } from '../input.ts'
import { ApiProblem } from '../problems.ts'
import { isUserAdministrator, onlyForAdministrators } from './administrators.ts'
import { acceptForms } from './forms.ts'
import type { Session } from './session.ts'
import { SESSION_COOKIE, type Sessions, sessionEnded } from './sessions.ts'

export interface SessionRouteOptions {
  readonly sessions: Sessions
  readonly application: Pick<Application, 'whoAmI'>
  readonly authenticate: Authenticate
  /** Where a browser ends its session at the issuer, too; null where that has no such page. */
  readonly endSession?: (session: Session) => Promise<string | null>
}

const list = {
  params: z.unknown(),
  query: z.strictObject({ personId: idSchema.optional() }),
  body: z.unknown(),
}
const one = {
  params: z.strictObject({ id: z.uuid('is not the id of a session') }),
  query: z.strictObject({}),
  body: z.unknown(),
}

/**
 * Who is signed in, where, and the end of it. Beside the operations of the contract: they are about a browser's cookie.
 * Of others only a User administrator sees and ends sessions.
 */
export const addSessionRoutes = (app: FastifyInstance, options: SessionRouteOptions): void => {
  const { sessions, authenticate, application } = options
  const { store, cookies } = sessions

  app.get('/auth/session', async (request, reply): Promise<SessionAnswer> => {
    const caller = await authenticate(request)
    const session = await sessionOf(request)
    if (session === undefined)
      throw new ApiProblem(
        404,
        'session.token',
        'the caller sent a token, which has no session; see /v1/me',
      )
    const { person, groupIds } = await application.whoAmI(caller)
    if (person?.enabled !== true) throw sessionEnded()
    reply.header('Vary', 'Cookie')
    return {
      me: {
        actor: caller.actor,
        directoryRoles: [...person.directoryRoles],
        person: { ...person, directoryRoles: [...person.directoryRoles] },
        groupIds: [...groupIds],
      },
      session: viewOf(session, session),
      csrfToken: sessions.csrfTokenOf(session),
    }
  })

  app.get('/auth/sessions', async (request) => {
    const caller = await authenticate(request)
    const { query } = readInput(list, { params: {}, query: request.query, body: undefined })
    const personId = query.personId ?? ownId(caller)
    if (personId !== caller.actor.id || caller.actor.kind !== 'user')
      if (!(await isUserAdministrator(application, caller))) throw onlyForAdministrators()
    const current = await sessionOf(request)
    const found = await store.ofPerson(personId)
    return { items: found.map((session) => viewOf(session, current)) }
  })

  app.delete('/auth/sessions/:id', async (request, reply) => {
    const caller = await authenticate(request)
    const { params } = readInput(one, { ...request, body: undefined })
    const current = await sessionOf(request)
    const mayEndAll = await isUserAdministrator(application, caller)
    const ended =
      mayEndAll || caller.actor.kind === 'user'
        ? await store.end(params.id, mayEndAll ? undefined : caller.actor.id)
        : false
    if (!ended)
      throw new ApiProblem(
        404,
        'session.not-found',
        'there is no session with that id, it has ended, or it is not yours',
      )
    request.log.info({ session: params.id, by: caller.actor.kind }, 'a session was ended')
    if (current?.id === params.id) forget(reply)
    return reply.code(204).send()
  })

  app.register(async (scope) => {
    acceptForms(scope)
    scope.post('/auth/sign-out', async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? request.body : undefined
      const session =
        form === undefined
          ? await sessions.ofRequest(request)
          : await sessions.ofForm(request, form.get('csrf'))
      if (session === undefined) throw sessionEnded()
      const endSession = (await options.endSession?.(session)) ?? null
      await store.end(session.id)
      forget(reply)
      reply.header('Clear-Site-Data', '"cache", "storage"')
      return form === undefined
        ? reply.send({ endSession })
        : reply.redirect(endSession ?? '/', 303)
    })
  })

  /** The session that a request was authenticated by; none when it sent a token. */
  const sessionOf = async (request: FastifyRequest): Promise<Session | undefined> =>
    request.headers.authorization === undefined ? sessions.ofRequest(request) : undefined

  const forget = (reply: FastifyReply): void => {
    reply.header('Set-Cookie', cookies.remove(SESSION_COOKIE))
  }
}

const ownId = ({ actor }: Caller): string => {
  if (actor.kind === 'user') return actor.id
  throw new ApiProblem(400, 'session.whose', 'a service has no sessions; say whose: ?personId=')
}

const viewOf = (session: Session, current: Session | undefined): SessionView => ({
  id: session.id,
  current: session.id === current?.id,
  issuer: session.issuer,
  startedAt: session.startedAt,
  seenAt: session.seenAt,
  idleUntil: session.idleUntil,
  endsAt: session.endsAt,
  authTime: session.authTime,
  acr: session.acr,
  userAgent: session.userAgent,
})
