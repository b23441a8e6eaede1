import { hash } from 'node:crypto'
import { addMillis, type Clock } from '@portcullis/core'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { z } from 'zod'
import { type CookieKind, type Cookies, onlyValue } from './cookies.ts'

/** What a browser keeps from the beginning of a sign-in to its end. */
const startedSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** Seconds; asked of the issuer, and checked. */
  maxAge: z.int().optional(),
  startedAt: z.string(),
})
export type StartedSignIn = z.output<typeof startedSchema>

/** Somebody reads the page of their provider, finds their phone, types a code. */
export const SIGN_IN_MILLIS = 10 * 60_000
/** Sign-ins that one browser may have begun, one a tab. */
const MOST_STARTED = 5
/** Of all their cookies together: a request with more headers than 16 KiB is refused. */
const MOST_BYTES = 6000
const BASE = 'portcullis_signin_'

export interface SignInCookies {
  /** Set-Cookie headers for a new sign-in: its own, and the ends of those that there are too many of. */
  start(cookies: Cookies, started: StartedSignIn): Promise<readonly string[]>
  /** The sign-in of a state, if this browser began it less than ten minutes ago. */
  find(cookies: Cookies, state: string): Promise<StartedSignIn | undefined>
  /** A Set-Cookie header that removes it. */
  remove(state: string): string
}

/**
 * They are encrypted (JWE, A256GCM), so that a browser's owner, an extension or a copy of the headers learns no
 * verifier and changes nothing.
 * @param key 256 bits
 */
export const createSignInCookies = (
  kind: CookieKind,
  key: Uint8Array,
  clock: Clock,
): SignInCookies => {
  const baseOf = (state: string): string =>
    `${BASE}${hash('sha256', state, 'base64url').slice(0, 8)}`
  const seal = (started: StartedSignIn): Promise<string> =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(started)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(key)
  const open = async (value: string): Promise<StartedSignIn | undefined> => {
    try {
      const { plaintext } = await compactDecrypt(value, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      const started = startedSchema.parse(JSON.parse(new TextDecoder().decode(plaintext)))
      const now = clock.now()
      // One that was begun later than now: the clock was set back, and by how much isn't known.
      return started.startedAt <= now && now < addMillis(started.startedAt, SIGN_IN_MILLIS)
        ? started
        : undefined
    } catch {
      return undefined
    }
  }

  return {
    start: async (cookies, started) => {
      const own = { base: baseOf(started.state), value: await seal(started) }
      const prefix = kind.name(BASE)
      const others = [...cookies].filter(([name]) => name.startsWith(prefix))
      const known = await Promise.all(
        others.map(async ([name, values]) => ({
          base: `${BASE}${name.slice(prefix.length)}`,
          bytes: values.reduce((sum, value) => sum + name.length + value.length, 0),
          startedAt: (await open(values[0] ?? ''))?.startedAt ?? '',
        })),
      )
      // The newest stay, as far as there is room.
      let bytes = own.value.length
      let count = 1
      const removed: string[] = []
      for (const each of known.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))) {
        bytes += each.bytes
        count += 1
        if (each.startedAt === '' || count > MOST_STARTED || bytes > MOST_BYTES)
          removed.push(kind.remove(each.base))
      }
      return [kind.set(own.base, own.value, SIGN_IN_MILLIS / 1000), ...removed]
    },
    find: async (cookies, state) => {
      const value = onlyValue(cookies, kind.name(baseOf(state)))
      const started = value === undefined ? undefined : await open(value)
      return started?.state === state ? started : undefined
    },
    remove: (state) => kind.remove(baseOf(state)),
  }
}
