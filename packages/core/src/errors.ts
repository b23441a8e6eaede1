/**
 * The code that an error bears: Node's (`ENOENT`), a SQLSTATE, one of ours; undefined when it bears none, or one that
 * isn't text.
 */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** What an error says; anything else that was thrown, as text. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
