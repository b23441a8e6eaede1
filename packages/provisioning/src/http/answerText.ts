import { codeOf } from '@portcullis/core'

/** The answer was longer than is read. */
export class AnswerTooLarge extends Error {
  /** How it begins, as text. */
  readonly beginning: string
  constructor(bytes: number, beginning = '') {
    super(`the answer is longer than ${bytes} bytes`)
    this.name = 'AnswerTooLarge'
    this.beginning = beginning
  }
}

/** Of the beginning of an answer that is too large, bytes. */
const BEGINNING = 65_536

/**
 * The whole body of an answer.
 * @throws AnswerTooLarge
 */
export const boundedText = async (response: Response, maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    chunks.push(chunk)
    if (bytes > maxBytes)
      throw new AnswerTooLarge(
        maxBytes,
        Buffer.concat(chunks).subarray(0, BEGINNING).toString('utf8'),
      )
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
  if (!(error instanceof Error)) return 'network error'
  return codeOf(error.cause) ?? error.message
}
