import { z } from 'zod'
import { positionSchema } from './primitives.ts'

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
  /** `command`: takes an Idempotency-Key, answers a position. `query`: takes Portcullis-At-Least. `open`: needs no token. */
  readonly kind: 'command' | 'query' | 'open'
  readonly params: Params
  /** Reads the raw texts of the query string into typed values. */
  readonly query: Query
  readonly body: Body
  readonly status: 200 | 201
  readonly answer: Answer
  readonly example: { readonly body?: z.input<Body>; readonly answer: z.input<Answer> }
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
    requestId: z.string().optional(),
    assignmentId: z.string().nullable().optional(),
    status: z.string().optional(),
    endAt: z.string().nullable().optional(),
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
    readonly example: { readonly body?: z.input<B>; readonly answer: Partial<CommandAnswerBody> }
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

/** A query with a token. */
export const query = <P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType>(
  definition: Omit<Definition<P, Q, typeof noBody, A>, 'method'> & {
    readonly params: P
    readonly query: Q
    readonly answer: A
    readonly example: z.input<A>
  },
): Operation<P, Q, typeof noBody, A> => ({
  ...definition,
  method: 'GET',
  kind: 'query',
  body: noBody,
  status: 200,
  example: { answer: definition.example },
})
