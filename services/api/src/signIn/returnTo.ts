const MOST = 2048
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * Where somebody goes after the sign-in: an address of this portal, or its first page.
 * What browsers read otherwise than it looks (`//host`, `/\host`, tabs and line ends, `/.//host`) isn't taken, nor what
 * would begin a sign-in again.
 * @param asked what came in the address, anything
 * @param baseUrl without a slash at the end
 * @returns an absolute address, in ASCII, of the origin of `baseUrl`
 */
export const returnAddress = (asked: unknown, baseUrl: string): string => {
  const home = new URL('/', baseUrl)
  if (typeof asked !== 'string' || asked.length > MOST) return home.href
  if (!/^\/(?![/\\])/.test(asked) || asked.includes('\\') || CONTROL.test(asked)) return home.href
  if (!URL.canParse(asked, baseUrl)) return home.href
  const address = new URL(asked, baseUrl)
  const isOurs =
    address.origin === home.origin &&
    address.username === '' &&
    address.password === '' &&
    !address.pathname.startsWith('//') &&
    !/^\/+auth(?:\/|$)/i.test(decoded(address.pathname))
  return isOurs && address.href.length <= MOST + home.href.length ? address.href : home.href
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
