import { randomBytes } from 'node:crypto'
import { addMillis, type Clock } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { MatchRule } from '@portcullis/runtime'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readCookies } from './cookies.ts'
import { describeFault, faultOf } from './faults.ts'
import { FAULT_PAGE_POLICY, faultPage, languageOf } from './pages/faultPage.ts'
import type { SignInFault } from './pages/texts.ts'
import type { Provider } from './provider.ts'
import { returnAddress } from './returnTo.ts'
import { newSessionOf } from './sealedIdToken.ts'
import type { SessionKeys } from './sessionKeys.ts'
import { SESSION_COOKIE, type Sessions } from './sessions.ts'
import { createSignInCookies, SIGN_IN_MILLIS, type StartedSignIn } from './signInCookie.ts'
import type { SignInRecords } from './signInRecords.ts'
import { whoIsIt } from './whoIsIt.ts'

/** How people sign in. */
export interface SignIn {
  readonly sessions: Sessions
  readonly provider: Provider
  readonly records: SignInRecords
  readonly keys: SessionKeys
  readonly rules: readonly MatchRule[]
  readonly directory: Pick<Directory, 'person' | 'peopleWith' | 'stableKeys'>
}

export interface SignInRouteOptions {
  readonly signIn: SignIn
  readonly clock: Clock
  /** Where browsers reach the portal, without a slash at the end. */
  readonly baseUrl: string
  /** @throws ApiProblem 429 when the request's address sends too many */
  readonly limit: (request: FastifyRequest) => Promise<void>
}

const MOST_STATE = 128
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const HTML = 'text/html; charset=utf-8'

/**
 * `GET /auth/sign-in` and `GET /auth/callback`: the way to the organisation's identity provider and back (authorization
 * code with PKCE).
 */
export const addSignInRoutes = (app: FastifyInstance, options: SignInRouteOptions): void => {
  const { signIn, clock, baseUrl } = options
  const { sessions, provider, records, keys } = signIn
  const cookies = createSignInCookies(sessions.cookies, keys.signInCookie, clock)

  /** A page instead of what went wrong. */
  const page = (
    request: FastifyRequest,
    reply: FastifyReply,
    fault: SignInFault,
    returnTo: string,
  ): FastifyReply => {
    const language = languageOf(request.headers['accept-language'])
    const { pathname, search, hash } = new URL(returnTo)
    return reply
      .code(STATUS[fault] ?? 403)
      .headers({
        'Content-Security-Policy': FAULT_PAGE_POLICY,
        'Content-Language': language,
        Vary: 'Accept-Language',
        ...(fault === 'too-many' ? { 'Retry-After': '60' } : {}),
      })
      .type(HTML)
      .send(
        faultPage(
          { fault, requestId: request.id, returnTo: `${pathname}${search}${hash}` },
          language,
        ),
      )
  }
  const home = returnAddress('/', baseUrl)

  app.get('/auth/sign-in', { exposeHeadRoute: false }, async (request, reply) => {
    const asked = request.query as Readonly<Record<string, unknown>>
    const returnTo = returnAddress(asked.returnTo, baseUrl)
    if (isOtherLoopback(request.headers.host, baseUrl))
      return reply.redirect(new URL(request.url, baseUrl).href, 302)
    try {
      await options.limit(request)
      const started: StartedSignIn = {
        state: random(),
        nonce: random(),
        verifier: random(),
        returnTo,
        ...maxAgeOf(asked.max_age),
        startedAt: clock.now(),
      }
      const address = await provider.signInAddress(started, promptOf(asked.prompt))
      const jar = readCookies(request.headers.cookie)
      return reply
        .header('Set-Cookie', [...(await cookies.start(jar, started))])
        .redirect(address.href, 302)
    } catch (error) {
      const fault = faultOf(error)
      request.log.warn({ fault, reason: describeFault(error) }, 'a sign-in could not begin')
      return page(request, reply, fault, returnTo)
    }
  })

  app.get('/auth/callback', { exposeHeadRoute: false }, async (request, reply) => {
    const { state } = request.query as Readonly<Record<string, unknown>>
    let returnTo = home
    try {
      await options.limit(request)
      if (typeof state !== 'string' || state.length > MOST_STATE)
        return page(request, reply, 'expired', home)
      const jar = readCookies(request.headers.cookie)
      const started = await cookies.find(jar, state)
      if (started === undefined) {
        request.log.info({}, 'a sign-in ended that this browser had not begun')
        return page(request, reply, 'expired', home)
      }
      returnTo = started.returnTo
      reply.header('Set-Cookie', cookies.remove(state))
      const first = await records.firstUse(
        'state',
        state,
        addMillis(clock.now(), 2 * SIGN_IN_MILLIS),
      )
      if (!first) return page(request, reply, 'expired', returnTo)
      const refused = refusedBy(request.query)
      if (refused !== undefined) {
        request.log.info({ error: refused.error }, 'the identity provider refused a sign-in')
        return page(request, reply, refused.fault, returnTo)
      }
      const vouched = await provider.finish(
        new URL(`/auth/callback${searchOf(request.url)}`, baseUrl),
        started,
      )
      const who = await whoIsIt(vouched, { ...signIn, clock })
      if (!who.ok) {
        const { code, lookedFor, people } = who
        request.log.warn({ code, lookedFor, people }, 'somebody signed in whom we can’t let in')
        return page(request, reply, code, returnTo)
      }
      // Never the session that the browser had: whoever planted that one would be in it, too.
      const before = await sessions.ofNavigation(request)
      if (before !== undefined) await sessions.store.end(before.id)
      const { secret } = await sessions.store.begin(
        await newSessionOf(vouched, who.person.id, request.headers['user-agent'] ?? '', keys),
      )
      request.log.info({}, 'somebody signed in')
      return reply
        .header('Set-Cookie', sessions.cookies.set(SESSION_COOKIE, secret))
        .redirect(returnTo, 303)
    } catch (error) {
      const fault = faultOf(error)
      request.log.warn({ fault, reason: describeFault(error) }, 'a sign-in failed')
      return page(request, reply, fault, returnTo)
    }
  })
}

const STATUS: Partial<Record<SignInFault, number>> = {
  expired: 400,
  'not-valid': 400,
  'too-many': 429,
  'provider-unreachable': 503,
  failed: 500,
}

const random = (): string => randomBytes(32).toString('base64url')

/** Asked again, or to choose: nothing else is passed on from an address that anybody can make. */
const promptOf = (asked: unknown): string | undefined =>
  asked === 'login' || asked === 'select_account' ? asked : undefined

const maxAgeOf = (asked: unknown): { readonly maxAge?: number } =>
  typeof asked === 'string' && /^\d{1,5}$/.test(asked) ? { maxAge: Number(asked) } : {}

const searchOf = (url: string): string => {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}

/** What a provider sends instead of a code; its own words aren't shown. */
const refusedBy = (
  query: unknown,
): { readonly fault: SignInFault; readonly error: string } | undefined => {
  const { error } = query as { readonly error?: unknown }
  if (error === undefined) return undefined
  const known = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : 'other'
  return { fault: known === 'access_denied' ? 'cancelled' : 'provider-refused', error: known }
}

/**
 * `localhost` where the portal calls itself 127.0.0.1: cookies of the one aren't sent to the other, so the sign-in
 * begins again at its own name.
 */
const isOtherLoopback = (host: string | undefined, baseUrl: string): boolean => {
  const base = new URL(baseUrl)
  if (host === undefined || host === base.host || !URL.canParse(`http://${host}`)) return false
  const asked = new URL(`http://${host}`)
  return LOOPBACK.test(base.hostname) && LOOPBACK.test(asked.hostname) && asked.port === base.port
}
