import {
  CSRF_HEADER,
  CSRF_REFUSED,
  SESSION_PATH,
  type SessionAnswer,
  sessionAnswerSchema,
} from '@portcullis/api-contract'
import { createTokens, type Proof } from './tokens.ts'

/** A browser's session instead of a token: the browser sends its cookie by itself, to its own site alone. */
export interface SessionSource {
  readonly kind: 'session'
  /**
   * Instead of asking `/auth/session`: for a page that has its CSRF token already. Called again when that is refused,
   * after a new sign-in in another tab.
   */
  readonly csrfToken?: () => string | Promise<string>
}

export interface SessionOptions {
  /** Where the API is; an empty text: where the page comes from. */
  readonly url: string
  readonly fetch?: typeof fetch
  readonly signal?: AbortSignal
}

/** Nobody is signed in, or not any more. */
export class SignedOut extends Error {
  constructor() {
    super('nobody is signed in here any more; sign in again')
    this.name = 'SignedOut'
  }
}

/**
 * Who is signed in in this browser; undefined when nobody is.
 * @throws what `fetch` throws, and an Error for any other answer
 */
export const fetchSession = async (options: SessionOptions): Promise<SessionAnswer | undefined> => {
  const response = await (options.fetch ?? fetch)(
    `${options.url.replace(/\/+$/, '')}${SESSION_PATH}`,
    { method: 'GET', ...(options.signal === undefined ? {} : { signal: options.signal }) },
  )
  if (response.status === 401) return undefined
  if (!response.ok) throw new Error(`${SESSION_PATH} answered ${response.status}`)
  return sessionAnswerSchema.parse(await response.json())
}

/** The cookie, with a proof that one of the portal's pages sends it wherever something is changed. */
export const sessionProof = (source: SessionSource, options: SessionOptions): Proof => ({
  ...createTokens(async () => {
    if (source.csrfToken !== undefined) return source.csrfToken()
    const answer = await fetchSession(options)
    if (answer === undefined) throw new SignedOut()
    return answer.csrfToken
  }),
  header: (token) => ({ [CSRF_HEADER.toLowerCase()]: token }),
  needed: (method) => method !== 'GET',
  turnedDown: (status, code) => status === 403 && code === CSRF_REFUSED,
})
