/** An issuer's documents and answers are some kilobytes. */
const MOST_BYTES = 512 * 1024

/** An issuer answered more than any of its answers should have. */
export class AnswerTooLarge extends Error {
  readonly code = 'sign-in.answer-too-large'
  constructor() {
    super(`the issuer answered more than ${MOST_BYTES} bytes`)
    this.name = 'AnswerTooLarge'
  }
}

/** `fetch`, but for answers without an end. */
export const boundedFetch = async (
  url: string | URL,
  {
    body,
    ...options
  }: Omit<RequestInit, 'body'> & {
    readonly body?: RequestInit['body'] | undefined
  } = {},
): Promise<Response> => {
  const response = await fetch(url, body === undefined ? options : { ...options, body })
  if (response.body === null) return response
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body) {
    bytes += part.length
    // Leaving the loop ends the stream.
    if (bytes > MOST_BYTES) throw new AnswerTooLarge()
    parts.push(part)
  }
  const { status, statusText, headers } = response
  return new Response(Buffer.concat(parts), { status, statusText, headers })
}
