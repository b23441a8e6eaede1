import { z } from 'zod'
import { CSV_MEDIA_TYPE, exampleParams, type Operation } from './operation.ts'
import { allOperations } from './operations.ts'
import { PROBLEM_MEDIA_TYPE, PROBLEM_STATUSES, problemSchema } from './problem.ts'

interface JsonSchema {
  [key: string]: unknown
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly object[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly securitySchemes: object
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: object
    readonly headers: object
  }
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters: readonly OpenApiParameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: object }
  readonly responses: Readonly<Record<string, object>>
  readonly security?: readonly object[]
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
  readonly example?: unknown
}

const INTRODUCTION = `Requests, approvals and assignments of access packages.

Send \`Authorization: Bearer <token>\`. A command may carry an \`Idempotency-Key\` (a UUID): sent twice, the thing happens once and the answer is the same.
A command answers a \`position\`; a query with \`Portcullis-At-Least: <position>\` waits until the views show it.
Every error is ${PROBLEM_MEDIA_TYPE} (RFC 9457) with a stable \`code\`.`

/**
 * The OpenAPI 3.1 document of all operations, made from their zod schemas.
 * @param baseUrl where the API is reached, without a slash at the end
 * @param version of the product
 */
export const openApiDocument = (baseUrl: string, version: string): OpenApiDocument => {
  const components = createComponents()
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const operation of allOperations) {
    const path = paths[operation.path] ?? {}
    path[operation.method.toLowerCase()] = describeOperation(operation, components)
    paths[operation.path] = path
  }
  components.add(problemSchema, 'input')
  return {
    openapi: '3.1.0',
    info: { title: 'Portcullis', version, description: INTRODUCTION },
    servers: [{ url: baseUrl }],
    security: [{ token: [] }],
    tags: [...new Set(allOperations.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: components.schemas,
      responses: problemResponses(),
      headers: {
        'Portcullis-Position': {
          description: "The command's position in the log.",
          schema: { $ref: '#/components/schemas/Position' },
        },
      },
    },
  }
}

const describeOperation = (operation: Operation, components: Components): OpenApiOperation => {
  const takesBody = !operation.body.safeParse(undefined).success
  const body = components.add(operation.body, 'input')
  const hasBody = operation.example.body !== undefined
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    tags: [operation.tag],
    parameters: [
      ...parameters('path', components.add(operation.params, 'input'), exampleParams(operation)),
      ...parameters(
        'query',
        components.add(operation.query, 'output'),
        operation.example.query ?? {},
      ),
      ...HEADERS[operation.kind],
    ],
    ...(hasBody
      ? {
          requestBody: {
            required: takesBody,
            content: { 'application/json': { schema: body, example: operation.example.body } },
          },
        }
      : {}),
    responses: {
      [operation.status]: {
        description: operation.status === 201 ? 'Done; `Location` is where to read it.' : 'Done.',
        ...(operation.kind === 'command'
          ? { headers: { 'Portcullis-Position': { $ref: POSITION_HEADER } } }
          : {}),
        ...(operation.kind === 'download' ? { headers: ATTACHMENT } : {}),
        content: {
          [operation.kind === 'download' ? CSV_MEDIA_TYPE : 'application/json']: {
            schema: components.add(operation.answer, 'input'),
            example: operation.example.answer,
          },
        },
      },
      ...problems(operation),
    },
    ...(operation.kind === 'open' ? { security: [] } : {}),
  }
}

const POSITION_HEADER = '#/components/headers/Portcullis-Position'

const ATTACHMENT = {
  'Content-Disposition': {
    description: 'An attachment, with a name for the file.',
    schema: { type: 'string' },
  },
}

const AT_LEAST: OpenApiParameter = {
  name: 'Portcullis-At-Least',
  in: 'header',
  required: false,
  description: 'Answer from views that show at least this position; waits up to 5 s, then 503.',
  schema: { $ref: '#/components/schemas/Position' },
}

const HEADERS: Readonly<Record<Operation['kind'], readonly OpenApiParameter[]>> = {
  open: [],
  command: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'The command id, a UUID; one is made and answered when absent.',
      schema: { type: 'string', format: 'uuid' },
    },
  ],
  query: [AT_LEAST],
  download: [AT_LEAST],
}

const problems = (operation: Operation): Record<string, object> => {
  const statuses = {
    open: [429, 500],
    query: [400, 401, 403, 404, 429, 500, 503],
    download: [400, 401, 403, 429, 500, 503],
    command: [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503],
  }[operation.kind]
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  )
}

const problemResponses = (): Record<string, object> =>
  Object.fromEntries(
    Object.entries(PROBLEM_STATUSES).map(([status, description]) => [
      `Problem${status}`,
      {
        description,
        content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )

const parameters = (
  where: 'path' | 'query',
  schema: JsonSchema,
  examples: object,
): OpenApiParameter[] => {
  const values = new Map<string, unknown>(Object.entries(examples))
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = isObject(property) ? property : {}
    return {
      name,
      in: where,
      // What has a default is always there once read, but needn't be sent.
      required: where === 'path' || (required.includes(name) && !('default' in rest)),
      ...(typeof description === 'string' ? { description } : {}),
      schema: rest,
      ...(values.has(name) ? { example: values.get(name) } : {}),
    }
  })
}

interface Components {
  readonly schemas: Record<string, JsonSchema>
  /** The JSON schema, with every named part moved to `components`. */
  add(schema: z.ZodType, io: 'input' | 'output'): JsonSchema
}

const createComponents = (): Components => {
  const schemas: Record<string, JsonSchema> = {}
  return {
    schemas,
    add: (schema, io) => {
      const { $schema: _, $defs, ...rest } = relocate(convert(schema, io))
      if (isObject($defs)) {
        for (const [name, definition] of Object.entries($defs)) {
          if (isObject(definition)) schemas[name] ??= definition
        }
      }
      return rest
    },
  }
}

const convert = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const json = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      // The format says it; zod's pattern of all valid days is 300 characters long.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') {
        delete jsonSchema.pattern
      }
      // What JavaScript can count to is no bound of ours.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      const discriminator = discriminatorOf(zodSchema)
      if (discriminator !== undefined) Object.assign(jsonSchema, { discriminator })
    },
  })
  return JSON.parse(JSON.stringify(json))
}

/**
 * Tells generators which of a union's named shapes an answer has. Only texts can: a union that is told apart by true
 * and false has none.
 */
const discriminatorOf = (schema: z.core.$ZodTypes): object | undefined => {
  const { def } = schema._zod
  if (def.type !== 'union' || !('discriminator' in def)) return undefined
  const propertyName = String(def.discriminator)
  const mapping = def.options.flatMap((option) => {
    const value = option._zod.propValues?.[propertyName]?.values().next().value
    const id = z.globalRegistry.get(option)?.id
    return typeof value === 'string' && id !== undefined
      ? [[value, `#/components/schemas/${id}`] as const]
      : []
  })
  return mapping.length === def.options.length
    ? { propertyName, mapping: Object.fromEntries(mapping) }
    : undefined
}

const relocate = (schema: JsonSchema): JsonSchema =>
  JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : value,
    ),
  )

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
