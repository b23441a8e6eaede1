import type { FieldError, Problem } from '@portcullis/api-contract'
import { codeOf, type Refusal, type RefusalKind } from '@portcullis/core'
import { passingFailure } from '@portcullis/postgres'
import { z } from 'zod'

/** An error that the API answers on purpose. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldError[] | undefined
  readonly data: Problem['data']
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    code: string,
    detail: string,
    more: {
      readonly errors?: readonly FieldError[]
      readonly data?: Problem['data']
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(detail)
    this.name = 'ApiProblem'
    this.status = status
    this.code = code
    this.errors = more.errors
    this.data = more.data
    this.headers = more.headers ?? {}
  }
}

/** A token for somebody who isn't, or is disabled. */
export const unknownActor = (): ApiProblem =>
  new ApiProblem(
    403,
    'actor.unknown',
    'the directory knows no enabled person with the id that the token names; import them, or enable them',
  )

const REFUSAL_STATUS: Readonly<Record<RefusalKind, number>> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'not-allowed': 422,
}

export const refusalProblem = (refusal: Refusal): ApiProblem => {
  const { kind, code, message } = refusal
  if (refusal.data === undefined) return new ApiProblem(REFUSAL_STATUS[kind], code, message)
  // All that is wrong with a package or a policy (S17) goes where the API says what is wrong with an input.
  const { problems, ...data } = refusal.data
  const listed = commandProblems.safeParse(problems)
  return new ApiProblem(REFUSAL_STATUS[kind], code, message, {
    data,
    ...(listed.success ? { errors: listed.data.map(toFieldError) } : {}),
  })
}

const commandProblems = z.array(
  z.object({ path: z.string(), code: z.string(), message: z.string() }),
)

/**
 * Something about a command, as something about the body that it was made of: there a thing's own id is just `id`; what
 * is about the whole is about the body.
 */
export const toFieldError = ({
  path,
  code,
  message,
}: {
  readonly path: string
  readonly code: string
  readonly message: string
}): FieldError => ({
  path: path === '' ? 'body' : `body.${path.replace(/(^|\.)(packageId|policyId)$/, '$1id')}`,
  rule: code,
  message,
})

/** Retry-After of everything that may work in a moment, seconds. */
const RETRY_AFTER = { 'Retry-After': '1' }

/**
 * What a thrown error is answered with.
 * @returns the problem, or undefined when it is a fault of ours that nobody foresaw
 */
export const expectedProblem = (error: unknown): ApiProblem | undefined => {
  if (error instanceof ApiProblem) return error
  if (!(error instanceof Error)) return undefined
  const code = codeOf(error)
  const known = code === undefined ? undefined : KNOWN[code]
  if (known !== undefined) return known(error)
  if (code?.startsWith('FST_') === true && 'statusCode' in error) {
    const status = Number(error.statusCode)
    if (status >= 400 && status < 500)
      return new ApiProblem(status, 'http.bad-request', error.message)
  }
  const failure = passingFailure(error)
  return failure === undefined ? undefined : notNow(NOT_NOW[failure].code, NOT_NOW[failure].detail)
}

const notNow = (code: string, detail: string): ApiProblem =>
  new ApiProblem(503, code, detail, { headers: RETRY_AFTER })

const NOT_NOW: Readonly<
  Record<'connection' | 'moment', { readonly code: string; readonly detail: string }>
> = {
  connection: {
    code: 'store.unavailable',
    detail:
      'the database or the event store cannot be reached now; nothing is known to be lost, send it again in a moment',
  },
  moment: {
    code: 'store.busy',
    detail:
      'the database could not take it now: others were in its way, or it is short of room; send it again in a moment',
  },
}

const retryLater = (error: Error): ApiProblem => notNow(codeOf(error) ?? 'busy', error.message)

const badCursor = (): ApiProblem =>
  new ApiProblem(400, 'input.invalid', 'the input is not valid: query.cursor', {
    errors: [
      {
        path: 'query.cursor',
        rule: 'cursor',
        message: 'is not a cursor; use the `next` of the answer before',
      },
    ],
  })

const KNOWN: Readonly<Record<string, (error: Error) => ApiProblem>> = {
  'event-store.unavailable': () =>
    notNow(
      NOT_NOW.connection.code,
      'the event store cannot be reached now; nothing is known to be lost, send it again in a moment',
    ),
  'event-store.append-too-large': ({ message }) =>
    new ApiProblem(413, 'store.append-too-large', message),
  'event-store.closed': ({ message }) => notNow(NOT_NOW.connection.code, message),
  'views.lagging': retryLater,
  'command.too-many-conflicts': retryLater,
  'views.bad-cursor': () => badCursor(),
  'directory.bad-cursor': () => badCursor(),
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new ApiProblem(413, 'http.body-too-large', 'the body is larger than the limit of 1 MiB'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ApiProblem(415, 'http.content-type', 'send the body as application/json'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ApiProblem(400, 'http.content-length', 'the body is not as long as Content-Length says'),
  FST_ERR_BAD_URL: () =>
    new ApiProblem(
      400,
      'http.bad-url',
      'the address holds a % that is not followed by two hex digits, or bytes that are not UTF-8',
    ),
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Not valid',
  401: 'Not authenticated',
  403: 'Not permitted',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Wrong content type',
  422: 'Not allowed by the rules',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Fault on our side',
  503: 'Not now',
}

/** The body of an error answer (RFC 9457). */
export const problemBody = (problem: ApiProblem, requestId: string): Problem => ({
  type: `urn:portcullis:problem:${problem.code}`,
  title: TITLES[problem.status] ?? 'Error',
  status: problem.status,
  code: problem.code,
  detail: problem.message,
  requestId,
  ...(problem.errors === undefined ? {} : { errors: [...problem.errors] }),
  ...(problem.data === undefined ? {} : { data: problem.data }),
})
