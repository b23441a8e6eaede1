import { allOperations, exampleTerms } from '@portcullis/api-contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arbitraryRequest, type RawRequest, validRequest } from './testing/arbitraryRequests.ts'
import { openRealEngine, type RealEngine, sendAs } from './testing/realEngine.ts'

let engine: RealEngine
let send: ReturnType<typeof sendAs>

beforeAll(async () => {
  engine = await openRealEngine()
  send = sendAs(engine)
})
afterAll(() => engine.close())

const get = (sub: string, url: string, position: string) =>
  send(sub, 'GET', url, undefined, { 'portcullis-at-least': position })

describe('over the real engine', () => {
  it('a package is made, requested and approved, and every step can be read at once (promise 7)', async () => {
    const catalog = { id: 'engineering', displayName: 'Engineering' }
    expect((await send('alice', 'POST', '/v1/catalogs', catalog)).status).toBe(201)
    const made = await send('alice', 'POST', '/v1/access-packages', {
      id: 'web-team',
      catalogId: 'engineering',
      displayName: 'Web team',
      resourceRoles: [{ resourceId: 'git', roleId: 'member' }],
      policies: [{ id: 'staff', terms: exampleTerms }],
    })
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ packageId: 'web-team' }),
    ])
    const listed = await get('carol', '/v1/requestable-packages', made.body.position)
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual(['web-team'])

    const key = { 'idempotency-key': '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11' }
    const path = '/v1/access-packages/web-team/requests'
    const asked = await send('carol', 'POST', path, { justification: 'I join' }, key)
    const again = await send('carol', 'POST', path, { justification: 'I join' }, key)
    expect(asked.status).toBe(201)
    expect(again.body).toEqual({ ...asked.body, repeated: true })
    expect(asked.headers.location).toBe('/v1/requests/web-team.carol.r1')

    const waiting = await get('bob', '/v1/requests?waitingForMe=true', asked.body.position)
    expect(waiting.body.items.map(({ id }: { id: string }) => id)).toEqual(['web-team.carol.r1'])
    const hidden = await get('x', '/v1/requests/web-team.carol.r1', asked.body.position)
    expect(hidden.status).toBe(404)

    const approved = await send('bob', 'POST', '/v1/requests/web-team.carol.r1/approve')
    expect(approved.status).toBe(200)
    const request = await get('carol', '/v1/requests/web-team.carol.r1', approved.body.position)
    expect(request.body).toMatchObject({ decidedBy: 'bob', assignmentId: 'web-team.carol.a1' })
    const assignment = await get(
      'carol',
      '/v1/assignments/web-team.carol.a1',
      approved.body.position,
    )
    expect([assignment.status, assignment.body.subjectId]).toEqual([200, 'carol'])
    const late = await send('alice', 'POST', '/v1/requests/web-team.carol.r1/deny')
    expect([403, 409]).toContain(late.status)
  })

  it('whom the directory does not know is sent away', async () => {
    const answer = await send('stranger', 'GET', '/v1/me')
    expect([answer.status, answer.body.code]).toEqual([403, 'actor.unknown'])
  })

  it.each([
    ['an unknown package', 'POST', '/v1/access-packages/none/requests', {}, 404],
    [
      'an unknown catalog',
      'POST',
      '/v1/access-packages',
      { catalogId: 'none', displayName: 'x' },
      404,
    ],
    ['an unknown person', 'POST', '/v1/catalogs/engineering/managers', { personId: 'nobody' }, 404],
    ['an unknown request', 'POST', '/v1/requests/none.bob.r1/cancel', {}, 404],
    // Anybody who could not decide on it, or extend it, doesn't learn whether there is one.
    [
      "an unknown request that wouldn't wait for them",
      'POST',
      '/v1/requests/none.bob.r1/deny',
      {},
      403,
    ],
    [
      "an assignment that wouldn't be theirs",
      'POST',
      '/v1/assignments/none.bob.a1/extend',
      {},
      403,
    ],
    ['an unknown assignment', 'POST', '/v1/assignments/none.alice.a1/extend', {}, 404],
    [
      'an end before the start',
      'POST',
      '/v1/access-packages/web-team/assignments',
      {
        subjectId: 'b',
        policyId: 'staff',
        startAt: '2030-02-01T00:00:00Z',
        endAt: '2030-01-01T00:00:00Z',
      },
      400,
    ],
    [
      'an end in the past',
      'POST',
      '/v1/access-packages/web-team/assignments',
      { subjectId: 'b', policyId: 'staff', endAt: '2020-01-01T00:00:00Z' },
      400,
    ],
    ['a made-up cursor', 'GET', '/v1/catalogs?cursor=abc', undefined, 400],
    [
      'a position that the log has not reached',
      'GET',
      '/v1/catalogs?atLeast=9223372036854775807',
      undefined,
      503,
    ],
  ] as const)('%s is answered, not a 500', async (_, method, url, body, status) => {
    const answer = await send('alice', method, url, body)
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
      status,
      expect.any(String),
      expect.any(String),
    ])
  })
})

describe('no input makes a 500 of the real engine', () => {
  beforeAll(async () => {
    await send('alice', 'POST', '/v1/catalogs', { id: 'x', displayName: 'x' })
    for (const id of ['x', 'a']) {
      const terms = { ...exampleTerms, approval: { required: false } }
      const policies = [{ id: 'x', terms }]
      await send('alice', 'POST', '/v1/access-packages', {
        id,
        catalogId: 'x',
        displayName: id,
        policies,
      })
    }
    await send('b', 'POST', '/v1/access-packages/a/requests', { justification: 'x' })
  })

  it.each(allOperations.map((operation) => [operation.id, operation] as const))(
    '%s',
    async (_, operation) => {
      const tokens = new Map([
        ['user alice', await engine.tokenFor('alice')],
        ['service hr', await engine.tokenFor('hr', 'service')],
      ])
      const run = async ({ path, search, headers, authorization, payload }: RawRequest) => {
        // Waiting for positions that never come would only take time.
        const { 'portcullis-at-least': _position, ...others } = headers
        const answer = await engine.api.inject({
          method: operation.method,
          url: `${path}${search.replaceAll('atLeast=', 'cursor=')}`,
          headers: {
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...others,
            authorization: tokens.get(authorization) ?? '',
          },
          ...(payload === undefined ? {} : { payload }),
        })
        expect(answer.statusCode, `${answer.body}\n${engine.lines.at(-1)}`).toBeLessThan(500)
      }
      await fc.assert(fc.asyncProperty(arbitraryRequest(operation), run), {
        numRuns: 50,
        examples: [[validRequest(operation)]],
      })
    },
  )
})
