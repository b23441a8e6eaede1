import { allOperations, problemSchema } from '@portcullis/api-contract'
import { refuse } from '@portcullis/core'
import { type Application, ViewsLagging } from '@portcullis/engine'
import { describe, expect, it, vi } from 'vitest'
import { fakeApplication, person } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const get = async (
  url: string,
  application: Application = fakeApplication(),
  headers: Record<string, string> = {},
) => {
  const answer = await testApi(application).inject({
    method: 'GET',
    url,
    headers: { authorization: 'user alice', ...headers },
  })
  return { answer, body: answer.json() }
}

describe('lists', () => {
  it('hand filters and paging on, typed', async () => {
    const requests = vi.fn(async () => ({ items: [], next: 'abc' }))
    const { answer, body } = await get(
      '/v1/requests?packageId=k&subjectId=bob&status=Denied&status=Cancelled&waitingForMe=true&limit=7&cursor=xyz',
      fakeApplication({ requests }),
    )
    expect(answer.statusCode).toBe(200)
    expect(body).toEqual({ items: [], next: 'abc' })
    expect(requests).toHaveBeenCalledExactlyOnceWith(
      { actor: { kind: 'user', id: 'alice' }, directoryRoles: [] },
      {
        packageId: 'k',
        subjectId: 'bob',
        status: ['Denied', 'Cancelled'],
        waitingForMe: true,
        limit: 7,
        cursor: 'xyz',
      },
    )
  })

  it('have 50 items a page unless told otherwise', async () => {
    const catalogs = vi.fn(async () => ({ items: [], next: null }))
    await get('/v1/catalogs', fakeApplication({ catalogs }))
    expect(catalogs).toHaveBeenCalledExactlyOnceWith(expect.anything(), { limit: 50 })
  })

  it.each([
    ['limit=0', 'query.limit', 'must be at least 1'],
    ['limit=201', 'query.limit', 'must be at most 200'],
    ['limit=1e2', 'query.limit', 'is a whole number from 1 to 200'],
    ['limit=1&limit=2', 'query.limit', 'is given more than once'],
    ['status=Nope', 'query.status[0]', 'must be "PendingApproval" or'],
    ['waitingForMe=yes', 'query.waitingForMe', 'must be "true" or "false"'],
    ['packageId=%00', 'query.packageId', 'an id is 1 to 64'],
    ['cursor=%20', 'query.cursor', 'is not a cursor'],
    ['page=2', 'query.page', 'is not a known field'],
    ['atLeast=9223372036854775808', 'query.atLeast', 'at most 9223372036854775807'],
  ])('refuse ?%s', async (search, path, words) => {
    const { answer, body } = await get(`/v1/requests?${search}`)
    expect([answer.statusCode, body.code, body.errors[0].path]).toEqual([
      400,
      'input.invalid',
      path,
    ])
    expect(body.errors[0].message).toContain(words)
  })

  it('say which cursor is not one, when the views say so', async () => {
    const catalogs = async () => {
      throw Object.assign(new Error('no'), { code: 'views.bad-cursor' })
    }
    const { answer, body } = await get('/v1/catalogs?cursor=abc', fakeApplication({ catalogs }))
    expect([answer.statusCode, body.errors[0].path]).toEqual([400, 'query.cursor'])
  })
})

describe('one thing', () => {
  it('that is not there, or not theirs to see, is not found', async () => {
    const { answer, body } = await get('/v1/catalogs/none')
    expect(answer.statusCode).toBe(404)
    expect(problemSchema.parse(body).code).toBe('query.not-found')
  })

  it('is answered as its schema says', async () => {
    const operation = allOperations.find(({ id }) => id === 'getAssignment')
    const assignment = vi.fn(async () => Object(operation?.example.answer))
    const { body } = await get('/v1/assignments/web-team.alice.a1', fakeApplication({ assignment }))
    expect(body).toEqual(operation?.example.answer)
    expect(assignment).toHaveBeenCalledWith(expect.anything(), 'web-team.alice.a1')
  })

  it('why: about the caller, or whom they name', async () => {
    const operation = allOperations.find(({ id }) => id === 'whyAccessPackage')
    const why = vi.fn(async () => Object(operation?.example.answer))
    const application = fakeApplication({ why })
    const { body } = await get('/v1/access-packages/k/why', application)
    expect(body).toEqual(operation?.example.answer)
    await get('/v1/access-packages/k/why?subjectId=bob', application)
    expect(why.mock.calls.map((call) => call.slice(1))).toEqual([
      ['k', 'alice'],
      ['k', 'bob'],
    ])
  })
})

describe('reading your own writes (promise 7)', () => {
  it('waits for the larger of the positions in header and query', async () => {
    const waitFor = vi.fn(async () => {})
    await get('/v1/catalogs?atLeast=9', fakeApplication({ waitFor }), {
      'portcullis-at-least': '12',
    })
    expect(waitFor).toHaveBeenCalledExactlyOnceWith(12n, 5000)
  })

  it('does not wait when nobody asks', async () => {
    const waitFor = vi.fn(async () => {})
    await get('/v1/catalogs', fakeApplication({ waitFor }))
    expect(waitFor).not.toHaveBeenCalled()
  })

  it('answers 503 when the views do not get there', async () => {
    const waitFor = async (position: bigint) => {
      throw new ViewsLagging(position)
    }
    const { answer, body } = await get('/v1/catalogs?atLeast=9', fakeApplication({ waitFor }))
    expect([answer.statusCode, body.code]).toEqual([503, 'views.lagging'])
    expect(answer.headers['retry-after']).toBe('1')
  })

  it('refuses a position that is not one', async () => {
    const { answer, body } = await get('/v1/catalogs', fakeApplication(), {
      'portcullis-at-least': '-1',
    })
    expect([answer.statusCode, body.errors[0].path]).toEqual([400, 'header Portcullis-At-Least'])
  })
})

describe('me and projections', () => {
  it('tell a user of themselves', async () => {
    const { body } = await get('/v1/me')
    expect(body).toEqual({
      actor: { kind: 'user', id: 'alice' },
      directoryRoles: [],
      person: person('alice'),
      groupIds: ['all-staff'],
    })
  })

  it('tell a service of the roles in its token', async () => {
    const { body } = await get('/v1/me', fakeApplication(), {
      authorization: 'service hr UserAdministrator',
    })
    expect(body).toEqual({
      actor: { kind: 'service', id: 'hr' },
      directoryRoles: ['UserAdministrator'],
      person: null,
      groupIds: [],
    })
  })

  it('pass on the refusal of a query that is for a role as a whole', async () => {
    expect((await get('/v1/projections')).body).toEqual({ items: [], reactors: [] })
    const refused = fakeApplication({
      projections: async () =>
        refuse('forbidden', 'projections.forbidden', 'needs User administrator', {
          enoughRoles: ['UserAdministrator'],
        }),
    })
    const { answer, body } = await get('/v1/projections', refused)
    expect([answer.statusCode, body.code, body.data]).toEqual([
      403,
      'projections.forbidden',
      { enoughRoles: ['UserAdministrator'] },
    ])
  })
})
