import { timingSafeEqual } from 'node:crypto'
import { CSRF_HEADER } from '@portcullis/api-contract'
import type { Credentials } from '../authentication/authenticator.ts'
import { challenge } from '../authentication/authenticator.ts'
import { ApiProblem } from '../problems.ts'
import { type CookieKind, cookieKind, onlyValue, readCookies } from './cookies.ts'
import type { Session } from './session.ts'
import type { SessionKeys } from './sessionKeys.ts'
import type { SessionStore } from './sessionStore.ts'

/** Base name of the cookie with a session's secret. */
export const SESSION_COOKIE = 'portcullis'

/** Who is signed in, by the cookie of a request. */
export interface Sessions {
  readonly store: SessionStore
  readonly cookies: CookieKind
  /**
   * The session of a request to the API, which only pages of our own send.
   * @returns undefined when no cookie came
   * @throws ApiProblem 401 `authentication.session-ended`; 403 `authentication.cross-site` when another site sent it,
   *   `authentication.csrf` when it isn't proven that one of our pages did
   */
  ofRequest(request: Credentials): Promise<Session | undefined>
  /**
   * The session of a request for a page, which may follow a link of another site. It must change nothing.
   * @returns undefined when there is none, or it has ended
   */
  ofNavigation(request: Credentials): Promise<Session | undefined>
  /** What a page of ours sends along, in the header `X-Portcullis-CSRF` or a form's hidden field. */
  csrfTokenOf(session: Session): string
  /**
   * The session of a form that a page of ours sent.
   * @param token what came in its hidden field
   * @throws as {@link Sessions.ofRequest}; also 401 `authentication.session-ended` when no cookie came
   */
  ofForm(request: Credentials, token: unknown): Promise<Session>
}

/** @param baseUrl where the portal is reached from outside, without a slash at the end */
export const createSessions = (
  store: SessionStore,
  keys: SessionKeys,
  baseUrl: string,
): Sessions => {
  const origin = new URL(baseUrl).origin
  const cookies = cookieKind(baseUrl.startsWith('https://'))
  const secretOf = ({ headers }: Credentials): string | undefined | null => {
    const all = readCookies(headers.cookie)
    const name = cookies.name(SESSION_COOKIE)
    return all.has(name) ? (onlyValue(all, name) ?? null) : undefined
  }
  const find = async (request: Credentials): Promise<Session | undefined> => {
    const secret = secretOf(request)
    return secret === undefined || secret === null ? undefined : store.find(secret)
  }
  const csrfTokenOf = ({ secretHash }: Session): string => keys.csrf(secretHash)
  const unlessProven = (session: Session, token: unknown): void => {
    if (typeof token !== 'string' || !equal(token, csrfTokenOf(session)))
      throw new ApiProblem(
        403,
        'authentication.csrf',
        'the request doesn’t carry the token of this session: send the csrfToken of GET /auth/session in the header X-Portcullis-CSRF; a page opened before the last sign-in has to be loaded again',
      )
  }
  const changes = ({ method }: Credentials): boolean => method !== 'GET' && method !== 'HEAD'
  return {
    store,
    cookies,
    csrfTokenOf,
    ofRequest: async (request) => {
      if (secretOf(request) === undefined) return undefined
      unlessFromUs(request, origin)
      const session = await find(request)
      if (session === undefined) throw sessionEnded()
      if (changes(request)) unlessProven(session, request.headers[CSRF_HEADER.toLowerCase()])
      return session
    },
    ofNavigation: async (request) => (changes(request) ? undefined : find(request)),
    ofForm: async (request, token) => {
      unlessFromUs(request, origin)
      const session = await find(request)
      if (session === undefined) throw sessionEnded()
      unlessProven(session, token)
      return session
    },
  }
}

/** One that isn't there any more: it ended by itself, was ended, or never was. */
export const sessionEnded = (): ApiProblem => {
  const message = 'the session has ended; sign in again'
  return new ApiProblem(401, 'authentication.session-ended', message, {
    headers: { 'WWW-Authenticate': challenge('missing', message) },
  })
}

/**
 * Browsers say where a request comes from. Not only another site is refused: what runs on a sibling subdomain isn't
 * ours either.
 * One that doesn't say `Sec-Fetch-Site` says at least the origin of what changes something.
 */
const unlessFromUs = ({ method, headers }: Credentials, origin: string): void => {
  const site = headers['sec-fetch-site']
  const reads = method === 'GET' || method === 'HEAD'
  const ours =
    site === undefined
      ? headers.origin === origin || (reads && headers.origin === undefined)
      : site === 'same-origin' || (reads && site === 'none')
  if (!ours)
    throw new ApiProblem(
      403,
      'authentication.cross-site',
      'the request comes from another site; a session is used by the portal’s own pages alone, programs send a token',
    )
}

const equal = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
