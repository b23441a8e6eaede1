/**
 * Checks an address that secrets or orders are sent to. Which hosts are allowed is the operator's choice: they write
 * the connectors file, nobody else does.
 * @returns the URL, or what is wrong with it
 */
export const targetUrl = (
  text: string,
  allow: { readonly query: boolean },
): { readonly url: URL } | { readonly wrong: string } => {
  const url = URL.parse(text)
  if (url === null) return { wrong: 'not a URL' }
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return { wrong: 'takes no user, password or fragment' }
  if (url.search !== '' && !allow.query) return { wrong: 'takes no query' }
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local))
    return { wrong: 'must be https (http only to this machine itself)' }
  return { url }
}
