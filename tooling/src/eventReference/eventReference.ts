import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventSchemasByStream, policyTermsSchema } from '@portcullis/domain'
import { z } from 'zod'
import { type EventNotes, eventNotes } from './eventNotes.ts'
import { type JsonSchema, type NamedSchemas, schemaText } from './schemaText.ts'

const jsonSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema, ...rest } = z.toJSONSchema(schema)
  return rest as JsonSchema
}

const ID = '[A-Za-z0-9][A-Za-z0-9_-]{0,63}'
const named: NamedSchemas = [
  ['[policy terms](#policy-terms)', jsonSchema(policyTermsSchema)],
  ['id', { type: 'string', pattern: `^${ID}$` }],
  ['request id', { type: 'string', pattern: `^(${ID})\\.(${ID})\\.r([1-9]\\d{0,8})$` }],
  ['assignment id', { type: 'string', pattern: `^(${ID})\\.(${ID})\\.a([1-9]\\d{0,8})$` }],
  ['instant', jsonSchema(z.iso.datetime({ precision: 3 }))],
  ['date', jsonSchema(z.iso.date())],
  ['uuid', jsonSchema(z.uuid())],
]

const INTRODUCTION = `# Events

Everything that is ever stored, by the kind of stream. Generated from the zod schemas by \`npm run docs\`; \`npm test\` checks that it is up to date.

These names and shapes are the storage format: a change is a new version with an upcaster, never an edit. Every event also carries metadata: \`commandId\`
(derived from who sent the command and under which key), \`digest\` of what somebody outside asked for, \`outerId\` of a command that is a step of another ([record](../adr/0006-command-identity.md)), \`correlationId\`, \`causationId\` (not always), \`actor\`, \`at\`, \`authentication\` where the actor had [signed in](../how-to/sign-in.md) (issuer, when and how strongly they proved who they are), and \`traceparent\` where [traces](../how-to/tracing.md) are on.

- **id**: 1 to 64 letters, digits, \`_\` or \`-\`, starting with a letter or a digit.
- **request id**, **assignment id**: \`<packageId>.<subjectId>.r<number>\` and \`.a<number>\`; they locate their stream.
- **instant**: UTC, ISO 8601 with milliseconds: \`2026-11-23T21:18:00.000Z\`. **date**: a calendar day, \`2026-11-23\`.
`

/** The text of `docs/reference/events.md`, from the schemas and the comments of the events files below `root`. */
export const eventReference = (root: string): string => {
  const sections = Object.entries(eventSchemasByStream).map(([kind, schemas]) => {
    const file = join(root, `packages/domain/src/${kind}/${kind}.events.ts`)
    const notes = eventNotes(readFileSync(file, 'utf8'))
    const events = Object.entries<z.ZodType>(schemas).map(([name, schema]) =>
      eventSection(name, jsonSchema(schema), notes),
    )
    return `## Streams \`${kind}-…\`\n\n${events.join('\n')}`
  })
  const terms = fieldTable('', jsonSchema(policyTermsSchema), new Map())
  return [INTRODUCTION, ...sections, `## Policy terms\n\n${terms}`].join('\n')
}

const eventSection = (name: string, schema: JsonSchema, notes: EventNotes): string => {
  const note = notes.get(name)
  return `### ${name}\n\n${note === undefined ? '' : `${note}\n\n`}${fieldTable(name, schema, notes)}`
}

const fieldTable = (event: string, schema: JsonSchema, notes: EventNotes): string => {
  const others = event === '' ? named.slice(1) : named
  const rows = Object.entries(schema.properties ?? {}).map(([field, type]) => {
    const text = schemaText(type, others)
    return `| \`${field}\` | ${text} | ${notes.get(`${event} ${field}`) ?? ''} |\n`
  })
  return `| field | type | meaning |\n|---|---|---|\n${rows.join('')}`
}
