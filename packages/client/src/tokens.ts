/**
 * A token, or where to get one. The function is called once and again only when the API answers 401; it is given the
 * token that was turned down.
 */
export type TokenSource = string | ((turnedDown?: string) => string | Promise<string>)

export interface Tokens {
  current(): Promise<string>
  /** Another one than this, which was answered with 401; undefined when there is none to be had. */
  renewed(turnedDown: string): Promise<string | undefined>
}

/** Keeps a token until it is turned down; callers that are turned down together get the same new one. */
export const createTokens = (source: TokenSource): Tokens => {
  if (typeof source === 'string')
    return { current: async () => source, renewed: async () => undefined }
  let kept: Promise<string> | undefined
  const get = (turnedDown?: string): Promise<string> => {
    const asked = (async () => source(turnedDown))()
    kept = asked
    // A failure isn't kept: the next call asks again.
    asked.catch(() => {
      if (kept === asked) kept = undefined
    })
    return asked
  }
  const current = (): Promise<string> => kept ?? get()
  return {
    current,
    renewed: async (turnedDown) => {
      const before = current()
      if ((await before) !== turnedDown) return before
      // Somebody who was turned down in the same moment has asked already.
      return kept === before || kept === undefined ? get(turnedDown) : kept
    },
  }
}

/** How a call proves who sends it. */
export interface Proof extends Tokens {
  /** The header that carries a token. */
  header(token: string): Readonly<Record<string, string>>
  /** Whether a call of this kind needs a token. */
  needed(method: string): boolean
  /** Whether another token may do better after this answer. */
  turnedDown(status: number, code: string | undefined): boolean
}

/** A bearer token, in every call. */
export const bearerProof = (source: TokenSource): Proof => ({
  ...createTokens(source),
  header: (token) => ({ authorization: `Bearer ${token}` }),
  needed: () => true,
  turnedDown: (status) => status === 401,
})
