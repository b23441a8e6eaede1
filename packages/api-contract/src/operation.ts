import { z } from 'zod'
import { positionSchema } from './primitives.ts'
import { fieldErrorSchema } from './problem.ts'

/**
 * One thing that the API does: the route, what it takes and what it answers.
 * Routes, the OpenAPI document and the client are all made from these, so that they can't disagree.
 */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{name}` for each path parameter. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /**
   * `command`: takes an Idempotency-Key, answers a position. `query`: takes Portcullis-At-Least. `download`: the same,
   * and answers a CSV file ({@link CSV_MEDIA_TYPE}) as it is read, instead of JSON. `open`: needs no token.
   */
  readonly kind: 'command' | 'query' | 'download' | 'open'
  readonly params: Params
  /** Reads the raw texts of the query string into typed values. */
  readonly query: Query
  readonly body: Body
  readonly status: 200 | 201
  readonly answer: Answer
  readonly example: Example<Params, Query, Body, Answer>
}

/**
 * A call that works, in the world that all examples share. Path parameters that it leaves out are those of {@link
 * exampleParams}.
 */
export interface Example<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly params?: Partial<z.input<Params>>
  readonly query?: z.input<Query>
  readonly body?: z.input<Body>
  readonly answer: z.input<Answer>
}

const EXAMPLE_PARAMS: Readonly<Record<string, string>> = {
  catalogId: 'engineering',
  packageId: 'web-team',
  policyId: 'staff',
  requestId: 'web-team.alice.r1',
  assignmentId: 'web-team.alice.a1',
  resourceId: 'wiki',
  roleId: 'editor',
  personId: 'carol',
}

/**
 * Path parameters of an operation's example, by name.
 * @throws Error when the example doesn't say what a parameter of the path is
 */
export const exampleParams = ({
  id,
  path,
  example,
}: Pick<Operation, 'id' | 'path' | 'example'>): Readonly<Record<string, string>> => {
  const own = new Map<string, unknown>(Object.entries(example.params ?? {}))
  return Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
      const value = own.get(name) ?? EXAMPLE_PARAMS[name]
      if (value === undefined) throw new Error(`the example of ${id} does not say its ${name}`)
      return [name, String(value)]
    }),
  )
}

export const noParams = z.strictObject({})
/** No body, or an empty object: some clients can't send none. */
export const noBody = z.strictObject({}).nullish()

/** What every command answers. */
export const commandAnswerSchema = z
  .object({
    commandId: z.uuid(),
    position: positionSchema.describe(
      'A query asked to be at least as new as this shows the effect.',
    ),
    repeated: z.boolean().describe('True when this command id had been decided before.'),
    catalogId: z.string().optional(),
    packageId: z.string().optional(),
    policyId: z.string().optional(),
    policyVersion: z
      .int()
      .optional()
      .describe('The version of the policy that governs the request.'),
    requestId: z.string().optional(),
    assignmentId: z.string().nullable().optional(),
    status: z
      .string()
      .optional()
      .describe('Of the request, or of the assignment, right after; in the words of the queries.'),
    endAt: z.string().nullable().optional(),
    retriedRoles: z
      .int()
      .optional()
      .describe('How many resource roles are tried, or looked at, again (S21).'),
    left: z.int().optional().describe('How many that failed there are behind those.'),
    next: z
      .string()
      .nullable()
      .optional()
      .describe('Send it again with this as `after`; null when nothing is left.'),
    rollOut: z
      .enum(['held', 'queued', 'started', 'paused', 'cancelled'])
      .optional()
      .describe(
        'How a change of roles is rolled out to those who have the package already (S5, S6).',
      ),
    scanId: z.uuid().optional(),
    people: z.int().optional().describe('How many people who left it is about.'),
    warnings: z
      .array(fieldErrorSchema)
      .optional()
      .describe('What is allowed, but probably not meant: approvers that there are none of, …'),
  })
  .meta({ id: 'CommandAnswer', description: 'Ids of what the command made or changed.' })
export type CommandAnswerBody = Readonly<z.infer<typeof commandAnswerSchema>>

/** What every query that answers one thing takes besides the thing's id. */
export const freshness = {
  atLeast: positionSchema
    .optional()
    .describe('Same as the header Portcullis-At-Least, for where headers are awkward.'),
}

/** What every query that answers a list takes. */
export const paging = {
  ...freshness,
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'is a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.int().min(1).max(200))
    .default(50)
    .describe('Most items in the answer.'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_.~=-]{1,1024}$/, 'is not a cursor; use the `next` of the answer before')
    .optional()
    .describe('`next` of the answer before.'),
}

/** Whatever is listed, a page of it. */
export const anyPageSchema = z.object({
  items: z.array(z.unknown()),
  next: z.string().nullable(),
})

/** Whether an operation answers in pages. */
export const isPaged = ({ query }: Operation): boolean =>
  query instanceof z.ZodObject && 'cursor' in query.shape

export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Cursor of the next page; null on the last one.'),
  })

export const noQuery = z.strictObject({})
export const oneQuery = z.strictObject(freshness)

type Definition<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> = Omit<
  Operation<P, Q, B, A>,
  'kind' | 'params' | 'query' | 'body' | 'status' | 'answer' | 'example'
>

/** A command: `status` is 201 where it makes something that has an address of its own. */
export const command = <P extends z.ZodType, B extends z.ZodType>(
  definition: Definition<P, typeof noQuery, B, typeof commandAnswerSchema> & {
    readonly params: P
    readonly body: B
    readonly status?: 200 | 201
    readonly example: Omit<Example<P, typeof noQuery, B, typeof commandAnswerSchema>, 'answer'> & {
      readonly answer: Partial<CommandAnswerBody>
    }
  },
): Operation<P, typeof noQuery, B, typeof commandAnswerSchema> => ({
  ...definition,
  kind: 'command',
  query: noQuery,
  status: definition.status ?? 200,
  answer: commandAnswerSchema,
  example: {
    ...definition.example,
    answer: {
      commandId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11',
      position: '1042',
      repeated: false,
      ...definition.example.answer,
    },
  },
})

/** A query with a token. `asked` is what the example asks with: parameters of the path and of the query string. */
export const query = <P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType>(
  definition: Omit<Definition<P, Q, typeof noBody, A>, 'method'> & {
    readonly params: P
    readonly query: Q
    readonly answer: A
    readonly example: z.input<A>
    readonly asked?: Pick<Example<P, Q, typeof noBody, A>, 'params' | 'query'>
  },
): Operation<P, Q, typeof noBody, A> => {
  const { asked, example, ...rest } = definition
  return {
    ...rest,
    method: 'GET',
    kind: 'query',
    body: noBody,
    status: 200,
    example: { ...asked, answer: example },
  }
}

export const CSV_MEDIA_TYPE = 'text/csv'

const csvSchema = z.string().meta({
  id: 'Csv',
  description: 'RFC 4180 in UTF-8 with a byte order mark; the first row names the columns.',
})

/** A list as a file: `answer` is its whole text.  */
export const download = <P extends z.ZodType, Q extends z.ZodType>(
  definition: Omit<Definition<P, Q, typeof noBody, typeof csvSchema>, 'method'> & {
    readonly params: P
    readonly query: Q
    readonly example: string
    readonly asked?: Pick<Example<P, Q, typeof noBody, typeof csvSchema>, 'params' | 'query'>
  },
): Operation<P, Q, typeof noBody, typeof csvSchema> & { readonly kind: 'download' } => {
  const { asked, example, ...rest } = definition
  return {
    ...rest,
    method: 'GET',
    kind: 'download',
    body: noBody,
    status: 200,
    answer: csvSchema,
    example: { ...asked, answer: example },
  }
}

/** A question that needs a body: writes nothing, so it takes no Idempotency-Key. */
export const check = <P extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  definition: Omit<Definition<P, typeof oneQuery, B, A>, 'method'> & {
    readonly params: P
    readonly body: B
    readonly answer: A
    readonly example: Example<P, typeof oneQuery, B, A>
  },
): Operation<P, typeof oneQuery, B, A> => ({
  ...definition,
  method: 'POST',
  kind: 'query',
  query: oneQuery,
  status: 200,
})
