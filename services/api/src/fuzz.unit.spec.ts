import { allOperations, problemSchema } from '@portcullis/api-contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRequest, type RawRequest, validRequest } from './testing/arbitraryRequests.ts'
import { fakeApplication, person } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const RUNS = 100

// The fake application refuses, with an exception, every command that the log's own schemas would refuse:
// what the API lets through can be stored, and what it doesn't is answered below 500.
const api = testApi(
  fakeApplication({
    whoAmI: async ({ actor }) => ({ person: person(actor.id), groupIds: [] }),
  }),
)

describe('no input makes a 500', () => {
  it.each(allOperations.map((operation) => [operation.id, operation] as const))(
    '%s',
    async (_, operation) => {
      const answers = new Set<number>()
      const send = async (request: RawRequest): Promise<void> => {
        const { payload } = request
        const answer = await api.inject({
          method: operation.method,
          url: `${request.path}${request.search}`,
          headers: {
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...request.headers,
            authorization: request.authorization,
          },
          ...(payload === undefined ? {} : { payload }),
        })
        answers.add(answer.statusCode)
        expect(answer.statusCode, answer.body).toBeLessThan(500)
        if (answer.statusCode >= 400) problemSchema.parse(answer.json())
      }
      await fc.assert(fc.asyncProperty(arbitraryRequest(operation), send), {
        numRuns: RUNS,
        examples: [[validRequest(operation)]],
      })
      // Both sides of the checks must have been reached, else the runs show nothing.
      if (operation.kind === 'command') {
        expect([...answers]).toEqual(expect.arrayContaining([operation.status, 400]))
      }
    },
  )
})
