import { expect, expectTypeOf, it } from 'vitest'
import { handlers } from './handlers.ts'

type Event =
  | { readonly type: 'Opened.v1'; readonly data: { readonly by: string } }
  | { readonly type: 'Counted.v1'; readonly data: { readonly count: number } }
  | { readonly type: 'Closed.v1'; readonly data: object }

const words = handlers<Event, string>()({
  'Opened.v1': ({ data }) => `opened by ${data.by}`,
  'Counted.v1': ({ data }) => `${data.count + 1}`,
})

it('knows the names of what it handles', () => {
  expect(words.types).toEqual(['Opened.v1', 'Counted.v1'])
  expectTypeOf(words.types).toEqualTypeOf<readonly ('Opened.v1' | 'Counted.v1')[]>()
})

it('does what belongs to an event, and nothing about others', () => {
  expect(words.handle({ type: 'Opened.v1', data: { by: 'mira' } })).toBe('opened by mira')
  expect(words.handle({ type: 'Counted.v1', data: { count: 1 } })).toBe('2')
  expect(words.handle({ type: 'Closed.v1', data: {} })).toBeUndefined()
})
