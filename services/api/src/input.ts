import type { FieldError, Operation } from '@portcullis/api-contract'
import type { z } from 'zod'
import { ApiProblem } from './problems.ts'
import { unstorableTexts } from './storableText.ts'

/** Most errors that an answer lists; a body may hold half a million. */
const MAX_ERRORS = 50

export interface RawInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

export interface Input<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params: z.output<Params>
  readonly query: z.output<Query>
  readonly body: z.output<Body>
}

/**
 * Checks path, query string and body against the operation's schemas.
 * @throws ApiProblem 400 `input.invalid` that names every field, the rule and the way out
 */
export const readInput = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  operation: Pick<Operation<P, Q, B>, 'params' | 'query' | 'body'>,
  raw: RawInput,
): Input<P, Q, B> => {
  const params = operation.params.safeParse(raw.params)
  const query = operation.query.safeParse(raw.query)
  const body = operation.body.safeParse(raw.body)
  if (params.success && query.success && body.success) {
    const input = { params: params.data, query: query.data, body: body.data }
    const unstorable = [
      ...unstorableTexts('path', input.params),
      ...unstorableTexts('query', input.query),
      ...unstorableTexts('body', input.body),
    ]
    if (unstorable.length > 0) throw invalidInput(unstorable)
    return input
  }
  throw invalidInput([
    ...describeIssues('path', params.error),
    ...describeIssues('query', query.error),
    ...describeIssues('body', body.error),
  ])
}

/** Checks one header. Absent is undefined. */
export const readHeader = <S extends z.ZodType>(
  name: string,
  value: string | string[] | undefined,
  schema: S,
): z.output<S> | undefined => {
  if (value === undefined) return undefined
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw invalidInput(describeIssues(`header ${name}`, read.error))
}

export const invalidInput = (errors: readonly FieldError[]): ApiProblem => {
  const shown = errors.slice(0, MAX_ERRORS)
  const first = shown[0]
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return new ApiProblem(
    400,
    'input.invalid',
    first === undefined
      ? 'the input is not valid'
      : `the input is not valid: ${first.path} ${first.message}${more}`,
    { errors: shown },
  )
}

type Issue = z.core.$ZodIssue

/** What is wrong with an input, as its schema found. @param where what the paths begin with */
export const describeIssues = (where: string, error: z.ZodError | undefined): FieldError[] =>
  (error?.issues ?? []).flatMap((issue) => describeIssue(where, issue))

const describeIssue = (where: string, issue: Issue): FieldError[] => {
  const path = formatPath(where, issue.path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: formatPath(where, [...issue.path, shorten(key)]),
        rule: 'unknown-field',
        message: 'is not a known field here; remove it or correct its name',
      }))
    case 'invalid_type':
      return [
        issue.message.endsWith('received undefined')
          ? { path, rule: 'required', message: 'is required' }
          : {
              path,
              rule: 'type',
              message:
                where === 'query' && issue.message.endsWith('received array')
                  ? 'is given more than once'
                  : `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`,
            },
      ]
    case 'invalid_value':
      return [{ path, rule: 'one-of', message: `must be ${oneOf(issue.values)}` }]
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? [{ path, rule: 'one-of', message: `must be ${oneOf(issue.options)}` }]
        : [{ path, rule: 'type', message: 'is none of the allowed shapes' }]
    case 'too_small':
      return [
        {
          path,
          rule: 'minimum',
          message: `must ${bound(issue.origin)} at least ${amount(issue.origin, issue.minimum)}`,
        },
      ]
    case 'too_big':
      return [
        {
          path,
          rule: 'maximum',
          message: `must ${bound(issue.origin)} at most ${amount(issue.origin, issue.maximum)}`,
        },
      ]
    case 'invalid_format':
      return [{ path, rule: 'format', message: issue.message }]
    default:
      return [{ path, rule: 'rule', message: issue.message }]
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}

const oneOf = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join(' or ')

const bound = (origin: string): string =>
  origin === 'string' || origin === 'array' ? 'have' : 'be'

const amount = (origin: string, value: number | bigint): string =>
  origin === 'string'
    ? counted(value, 'character')
    : origin === 'array'
      ? counted(value, 'item')
      : `${value}`

const counted = (count: number | bigint, thing: string): string =>
  `${count} ${thing}${Number(count) === 1 ? '' : 's'}`

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text)

const formatPath = (where: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    where,
  )
