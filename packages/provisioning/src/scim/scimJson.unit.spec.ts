import { describe, expect, it } from 'vitest'
import { parseScim } from './scimJson.ts'
import { listSchema, scimGroupSchema, scimUserSchema } from './scimMessages.ts'

describe('what services answer', () => {
  it.each([
    ['a number', '{"id":42}', '42'],
    ['zero', '{"id":0}', '0'],
    ['a negative number', '{"id":-7}', '-7'],
    ['a number longer than a double holds', '{"id": 12345678901234567891}', '12345678901234567891'],
    ['a text that looks like one', '{"id":"007"}', '007'],
    ['another case', '{"ID":"x"}', 'x'],
    ['a byte order mark', '\uFEFF{"id":"x"}', 'x'],
    ['both spellings', '{"ID":"wrong","id":"right"}', 'right'],
  ])('has an id: %s', (_, text, id) => {
    expect(scimUserSchema.parse(parseScim(text)).id).toBe(id)
    expect(scimGroupSchema.parse(parseScim(text)).id).toBe(id)
  })

  it.each(['{"id":""}', '{"id":1.5}', '{"id":true}', '{"id":null}', '{"id":{}}', '{}', '[]', '""'])(
    'has no id that can be understood: %s',
    (text) => {
      expect(scimUserSchema.safeParse(parseScim(text)).success).toBe(false)
      expect(scimGroupSchema.safeParse(parseScim(text)).success).toBe(false)
    },
  )

  it('names members by value, as text or number, else by the address of the account', () => {
    const members = [
      { value: 'a' },
      { Value: 7 },
      { $ref: 'https://idm.example.com/scim/v2/Users/b%20c' },
      { $REF: '../Users/d/' },
      { display: 'Somebody' },
      { value: null },
      { value: '' },
    ]
    const group = scimGroupSchema.parse(parseScim(JSON.stringify({ id: 'g', Members: members })))
    expect(group.members?.map(({ value }) => value)).toEqual([
      'a',
      '7',
      'b c',
      'd',
      null,
      null,
      null,
    ])
  })

  it.each([
    ['true', true],
    ['"True"', true],
    ['1', true],
    ['null', true],
    ['false', false],
    ['"False"', false],
    ['"no"', false],
    ['0', false],
  ])('is an account in use or not: active %s', (active, inUse) => {
    expect(scimUserSchema.parse(parseScim(`{"id":"x","active":${active}}`)).active).toBe(inUse)
  })

  it.each([
    ['totalResults as text', '{"totalResults":"0"}', 0, []],
    ['no Resources', '{"totalResults":0}', 0, []],
    ['Resources null', '{"totalResults":0,"Resources":null}', 0, []],
    ['other case', '{"TOTALRESULTS":1,"resources":[{}]}', 1, [{}]],
    ['no totalResults', '{"Resources":[{},{}]}', undefined, [{}, {}]],
    ['items as text', '{"totalResults":1,"itemsPerPage":"1","Resources":[{}]}', 1, [{}]],
  ])('is a list: %s', (_, text, totalResults, resources) => {
    expect(listSchema.parse(parseScim(text))).toEqual({ totalResults, Resources: resources })
  })

  it.each([
    '{}',
    '{"ok":true}',
    '[]',
    '{"totalResults":"many"}',
    '{"totalResults":-1}',
    '{"totalResults":""}',
    '{"totalResults":1.5}',
    '{"Resources":{}}',
  ])('is no list: %s', (text) => {
    expect(listSchema.safeParse(parseScim(text)).success).toBe(false)
  })
})
