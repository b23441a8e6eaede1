import { allOperations, type Operation } from '@portcullis/api-contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { unstorableTexts } from './storableText.ts'
import { validRequest, validSegment } from './testing/arbitraryRequests.ts'
import { fakeApplication, person } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const namesIn = (schema: z.ZodType): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []

const api = testApi(
  fakeApplication({ whoAmI: async ({ actor }) => ({ person: person(actor.id), groupIds: [] }) }),
)

const answerTo = async (operation: Operation, path: string) => {
  const { payload, authorization } = validRequest(operation)
  const withBody = operation.method !== 'GET'
  return api.inject({
    method: operation.method,
    url: path,
    headers: { authorization, ...(withBody ? { 'content-type': 'application/json' } : {}) },
    ...(withBody && payload !== undefined ? { payload } : {}),
  })
}

const queryCases = allOperations.flatMap((operation) =>
  namesIn(operation.query).map((name) => [operation.id, name, operation] as const),
)
const pathCases = allOperations.flatMap((operation) =>
  namesIn(operation.params).map((name) => [operation.id, name, operation] as const),
)

describe('a text that no database keeps', () => {
  it('there are parameters to try', () => {
    expect([queryCases.length > 50, pathCases.length > 20]).toEqual([true, true])
  })

  it.each(queryCases)('%s refuses it as %s in the query', async (_, name, operation) => {
    const { path } = validRequest(operation)
    for (const text of ['%00', 'a%00b', 'a%00']) {
      const answer = await answerTo(operation, `${path}?${name}=${text}`)
      expect(answer.statusCode, answer.body).toBe(400)
      expect(answer.json().errors[0].path).toMatch(new RegExp(`^query\\.${name}`))
    }
  })

  it.each(pathCases)('%s refuses it as {%s} of the path', async (_, name, operation) => {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, each: string) =>
      each === name ? 'a%00b' : validSegment(each),
    )
    expect((await answerTo(operation, path)).statusCode).toBe(400)
  })

  it('is named by its field, in texts, lists, objects and keys', () => {
    const bad = (path: string) => expect.objectContaining({ path, rule: 'text' })
    expect(
      unstorableTexts('body', {
        fine: 'Ünïcödé 😀 \u2028',
        nul: 'a\0b',
        list: ['x', '\ud800'],
        deep: { half: 'x\udc00' },
        'key\0': 1,
        nothing: null,
        number: 0,
      }),
    ).toEqual([bad('body.nul'), bad('body.list[1]'), bad('body.deep.half'), bad('body')])
  })
})
