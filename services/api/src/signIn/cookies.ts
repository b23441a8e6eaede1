/**
 * Cookies of a request by name, each with every value that came: a browser that was given two of a name sends both, in
 * an order that whoever planted one can choose.
 */
export type Cookies = ReadonlyMap<string, readonly string[]>

/** Reads a Cookie header (RFC 6265 section 4.2). What isn't `name=value` is left out. */
export const readCookies = (header: string | undefined): Cookies => {
  const found = new Map<string, string[]>()
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at < 1) continue
    const name = pair.slice(0, at).trim()
    const values = found.get(name)
    if (values === undefined) found.set(name, [pair.slice(at + 1).trim()])
    else values.push(pair.slice(at + 1).trim())
  }
  return found
}

/**
 * The value of a cookie that came once; undefined where there is none, or two that differ: which of them is ours can't
 * be known.
 */
export const onlyValue = (cookies: Cookies, name: string): string | undefined => {
  const values = new Set(cookies.get(name))
  const [value] = values
  return values.size === 1 ? value : undefined
}

export interface CookieKind {
  /**
   * `__Host-` (RFC 6265bis section 4.1.3.2) keeps other hosts and plain http from setting it; browsers take it over
   * https alone.
   */
  name(base: string): string
  /**
   * A Set-Cookie header: for the whole site, for no script, and not with what other sites send.
   * @param maxAge seconds; until the browser closes when absent
   */
  set(base: string, value: string, maxAge?: number): string
  /** A Set-Cookie header that removes it. */
  remove(base: string): string
}

/** @param secure whether the portal is reached by https */
export const cookieKind = (secure: boolean): CookieKind => {
  const name = (base: string): string => `${secure ? '__Host-' : ''}${base}`
  const set = (base: string, value: string, maxAge?: number): string =>
    [
      `${name(base)}=${value}`,
      'Path=/',
      ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
      'HttpOnly',
      // Strict would lose the session on the way from a link in a mail.
      'SameSite=Lax',
      ...(secure ? ['Secure'] : []),
    ].join('; ')
  return { name, set, remove: (base) => set(base, '', 0) }
}
