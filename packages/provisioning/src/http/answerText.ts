/** The answer was longer than is read. */
export class AnswerTooLarge extends Error {
  constructor(bytes: number) {
    super(`the answer is longer than ${bytes} bytes`)
    this.name = 'AnswerTooLarge'
  }
}

/**
 * The whole body of an answer.
 * @throws AnswerTooLarge
 */
export const boundedText = async (response: Response, maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new AnswerTooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** JSON of an answer; undefined when it is empty or isn't JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Why `fetch` failed, in a word: it hides the reason in its cause. */
export const networkReason = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return error instanceof Error ? error.message : 'network error'
}
