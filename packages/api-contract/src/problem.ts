import { z } from 'zod'

/** Media type of every error (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** One thing that is wrong with the input: where, by which rule, and what to do. */
export const fieldErrorSchema = z
  .object({
    path: z.string().describe('Where: `body.policies[0].terms.zone`, `query.limit`, …'),
    rule: z.string().describe('The rule that it breaks, for programs.'),
    message: z.string().describe('The same for people.'),
  })
  .meta({ id: 'FieldError' })
export type FieldError = Readonly<z.infer<typeof fieldErrorSchema>>

/** Every error that the API answers (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().describe('`urn:portcullis:problem:<code>`'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable name of what is wrong: `approval.already-decided`.'),
    detail: z.string().describe('One sentence: what is wrong, by which rule, and the way out.'),
    requestId: z
      .string()
      .describe('Same as the header X-Request-Id; quote it when you report a fault.'),
    errors: z.array(fieldErrorSchema).optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = Readonly<z.infer<typeof problemSchema>>

/** What each status means here; the reference page and the OpenAPI document show it. */
export const PROBLEM_STATUSES: Readonly<Record<number, string>> = {
  400: 'The input is not valid; `errors` names each field.',
  401: 'No token, or one that is not valid; `WWW-Authenticate` says why.',
  403: 'The caller may not; `detail` says which role would be enough.',
  404: 'It is not there, or the caller may not see it.',
  405: 'The address is right, the method is not; `Allow` lists those that are.',
  409: 'The state has moved on: somebody was first, or it is already so.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not application/json.',
  422: 'A rule of the policy or of the access package does not allow it.',
  429: 'Too many requests from this caller or address; `Retry-After` says when to come again.',
  500: 'A fault on our side; report it with the request id.',
  503: 'Not now: the store cannot be reached, or views have not caught up. Try again after `Retry-After` seconds.',
}
