import { describe, expect, it } from 'vitest'
import { eventNotes } from './eventNotes.ts'
import { schemaText } from './schemaText.ts'

describe('schemaText', () => {
  it.each([
    [{ type: 'string', minLength: 1, maxLength: 9 }, 'text (1 to 9 characters)'],
    [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, 'whole number (1 or more)'],
    [{ type: 'string', enum: ['a', 'b'] }, '"a" or "b"'],
    [{ type: 'boolean', const: false }, 'false'],
    [{ anyOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] }, 'uuid or null'],
    [
      {
        type: 'array',
        maxItems: 2,
        items: { type: 'object', properties: { a: { type: 'boolean' } } },
      },
      'list of { a: boolean } (0 to 2)',
    ],
  ])('%j is %s', (schema, text) => {
    expect(schemaText(schema, [])).toBe(text)
  })

  it('writes a schema with a name by its name, also inside', () => {
    const id = { type: 'string', pattern: '^x$' }
    expect(schemaText({ type: 'object', properties: { id } }, [['id', id]])).toBe('{ id: id }')
  })
})

describe('eventNotes', () => {
  it('takes the comment right above an event or a field', () => {
    const source = `
  /** Of the
   * event. */
  'A.v1': z.object({
    x: z.string(),
    /** Of y. */
    y: z.string(),
  }),
  // not this
  'B.v1': z.object({ y: z.string() }),
`
    expect([...eventNotes(source)]).toEqual([
      ['A.v1', 'Of the event.'],
      ['A.v1 y', 'Of y.'],
    ])
  })
})
