/** The part of JSON Schema that zod writes for events. */
export interface JsonSchema {
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** Schemas that have a name of their own; each is written by its name wherever it is used. */
export type NamedSchemas = readonly (readonly [name: string, schema: JsonSchema])[]

/** A type in words, for a table cell: `list of { id: id, kept: "preexisting" or null } (1 to 1000)`. */
export const schemaText = (schema: JsonSchema, named: NamedSchemas): string => {
  const same = JSON.stringify(schema)
  const name = named.find(([, other]) => JSON.stringify(other) === same)?.[0]
  if (name !== undefined) return name
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return choices.map((choice) => schemaText(choice, named)).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined)
    return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  switch (schema.type) {
    case 'object':
      return `{ ${Object.entries(schema.properties ?? {})
        .map(([key, value]) => `${key}: ${schemaText(value, named)}`)
        .join(', ')} }`
    case 'array':
      return `list of ${schemaText(schema.items ?? {}, named)}${span(schema.minItems, schema.maxItems, '')}`
    case 'string':
      return `${schema.format ?? 'text'}${span(schema.minLength, schema.maxLength, ' characters')}`
    case 'integer':
      return `whole number${span(schema.minimum, schema.maximum, '')}`
    default:
      return schema.type ?? 'anything'
  }
}

const span = (least: number | undefined, most: number | undefined, unit: string): string => {
  const bounded = most !== undefined && most < Number.MAX_SAFE_INTEGER
  if (bounded) return ` (${least ?? 0} to ${most}${unit})`
  return least === undefined || least <= Number.MIN_SAFE_INTEGER ? '' : ` (${least} or more${unit})`
}
