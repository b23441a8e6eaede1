import { allOperations } from '@portcullis/api-contract'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Answer, type Client, createClient, type Input, outcomeOf, Refused } from './index.ts'
import { json, problem, scripted } from './testing/scriptedApi.ts'

const DONE = { commandId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11', position: '7', repeated: false }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('every operation is a method', () => {
  it('by its id', () => {
    const client = createClient({ url: 'https://api.example', token: 'x' })
    expect(Object.keys(client).sort()).toEqual(
      [...allOperations.map(({ id }) => id), 'waitFor'].sort(),
    )
  })

  it('no field has the name of another one in path, query string and body', () => {
    for (const operation of allOperations) {
      const names = [operation.params, operation.query, operation.body].flatMap((schema) =>
        'shape' in schema && typeof schema.shape === 'object'
          ? Object.keys(schema.shape ?? {})
          : [],
      )
      expect([operation.id, names]).toEqual([operation.id, [...new Set(names)]])
    }
  })
})

describe('fields go where the operation wants them', () => {
  it('a command: path and body, with token and command id', async () => {
    const { client, received } = scripted([json(DONE, 201)])
    const answer = await client.submitRequest(
      { packageId: 'web-team', policyId: 'staff', justification: 'Größe 日本' },
      { commandId: DONE.commandId },
    )
    expect(answer).toEqual(DONE)
    expect(received).toEqual([
      {
        method: 'POST',
        url: 'https://api.example/v1/access-packages/web-team/requests',
        headers: {
          authorization: 'Bearer secret',
          'content-type': 'application/json',
          'idempotency-key': DONE.commandId,
        },
        body: { policyId: 'staff', justification: 'Größe 日本' },
      },
    ])
  })

  it('a command id is made where none is given', async () => {
    const { client, received } = scripted([json(DONE)])
    await client.enablePolicy({ packageId: 'a', policyId: 'b' })
    await client.enablePolicy({ packageId: 'a', policyId: 'b' })
    const [one, two] = received.map(({ headers }) => headers['idempotency-key'])
    expect([one, two]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)])
    expect(one).not.toBe(two)
  })

  it('a command without a body sends none', async () => {
    const { client, received } = scripted([json(DONE)])
    await client.removeResourceRole({ packageId: 'p', resourceId: 'git', roleId: 'member' })
    expect(received).toMatchObject([
      {
        method: 'DELETE',
        url: 'https://api.example/v1/access-packages/p/resource-roles/git/member',
      },
    ])
    expect(received[0]?.body).toBe(undefined)
    expect(received[0]?.headers).not.toHaveProperty('content-type')
  })

  it('a query: path and query string, a position in its header, what is undefined nowhere', async () => {
    const { client, received } = scripted([json({ items: [], next: null })])
    await client.listRequests({
      status: ['Denied', 'Cancelled'],
      waitingForMe: true,
      limit: 20,
      packageId: undefined,
      atLeast: '41',
    })
    expect(received).toEqual([
      {
        method: 'GET',
        url: 'https://api.example/v1/requests?status=Denied&status=Cancelled&waitingForMe=true&limit=20',
        headers: { authorization: 'Bearer secret', 'portcullis-at-least': '41' },
        body: undefined,
      },
    ])
  })

  it('ids are escaped, and a missing one is told before anything is sent', async () => {
    const { client, received } = scripted([json({})])
    await client.getCatalog({ catalogId: '../me?x' })
    expect(received[0]?.url).toBe('https://api.example/v1/catalogs/..%2Fme%3Fx')
    const careless: Record<string, string> = {}
    await expect(client.getCatalog(careless as Input<'getCatalog'>)).rejects.toThrow(
      'getCatalog: catalogId is required',
    )
    expect(received).toHaveLength(1)
  })

  it('health needs no token', async () => {
    const { client, received } = scripted([json({ status: 'ok' })])
    expect(await client.health()).toEqual({ status: 'ok' })
    expect(received).toMatchObject([{ url: 'https://api.example/healthz', headers: {} }])
  })

  it('waitFor asks a small query to be at least as new', async () => {
    const { client, received } = scripted([json({})])
    await client.waitFor('1042')
    expect(received).toMatchObject([
      { url: 'https://api.example/v1/me', headers: { 'portcullis-at-least': '1042' } },
    ])
  })
})

describe('lists', () => {
  it('all: every item of every page, fetched as they are asked for', async () => {
    const { client, received } = scripted([
      json({ items: [{ id: 'a' }, { id: 'b' }], next: 'c1' }),
      json({ items: [], next: 'c2' }),
      json({ items: [{ id: 'c' }], next: null }),
    ])
    const seen: string[] = []
    for await (const { id } of client.listCatalogs.all({ atLeast: '3' })) {
      seen.push(`${id} after ${received.length} calls`)
    }
    expect(seen).toEqual(['a after 1 calls', 'b after 1 calls', 'c after 3 calls'])
    expect(received.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=200',
      '?limit=200&cursor=c1',
      '?limit=200&cursor=c2',
    ])
  })

  it('who has seen enough causes no further call', async () => {
    const { client, received } = scripted([json({ items: [{ id: 'a' }], next: 'c1' })])
    for await (const _ of client.listCatalogs.all({ limit: 1 })) break
    expect(received).toHaveLength(1)
  })
})

describe('a refusal', () => {
  it('is thrown with everything that it tells', async () => {
    const { client, received } = scripted([
      problem(409, 'approval.already-decided', {}, { data: { decidedBy: 'bob' } }),
    ])
    const error = await client.approveRequest({ requestId: 'p.a.r1' }).catch((each) => each)
    expect(error).toBeInstanceOf(Refused)
    expect(error).toMatchObject({
      name: 'Refused',
      message: 'it is approval.already-decided',
      status: 409,
      code: 'approval.already-decided',
      data: { decidedBy: 'bob' },
      errors: [],
      requestId: 'r-1',
    })
    expect(received).toHaveLength(1)
  })

  it('names each field that is not valid', async () => {
    const errors = [{ path: 'body.displayName', rule: 'required', message: 'is required' }]
    const { client } = scripted([problem(400, 'input.invalid', {}, { errors })])
    await expect(client.createCatalog({ displayName: '' })).rejects.toMatchObject({ errors })
  })

  it('is a value with outcomeOf; all else is still thrown', async () => {
    const no = scripted([problem(422, 'request.no-policy-applies')])
    expect(await outcomeOf(no.client.submitRequest({ packageId: 'p' }))).toMatchObject({
      ok: false,
      refusal: { code: 'request.no-policy-applies' },
    })
    const yes = scripted([json(DONE)])
    expect(await outcomeOf(yes.client.submitRequest({ packageId: 'p' }))).toEqual({
      ok: true,
      answer: DONE,
    })
    const fault = scripted([problem(500, 'internal')])
    await expect(outcomeOf(fault.client.getMe())).rejects.toThrow('getMe: it is internal (500')
  })

  it('something that is not the API is told apart', async () => {
    const { client } = scripted([() => new Response('<html>Login</html>', { status: 200 })])
    await expect(client.getMe()).rejects.toMatchObject({
      name: 'UnexpectedAnswer',
      status: 200,
      message: expect.stringContaining("check the client's `url`"),
    })
    const other = scripted([() => new Response('nothing here', { status: 404 })])
    await expect(other.client.getMe()).rejects.toMatchObject({ name: 'UnexpectedAnswer' })
  })
})

describe('types', () => {
  it('fields, answers and items are those of the contract', () => {
    expectTypeOf<Input<'getRequest'>>().toEqualTypeOf<{
      readonly requestId: string
      readonly atLeast?: string | undefined
    }>()
    expectTypeOf<Input<'createCatalog'>>().toEqualTypeOf<{
      readonly id?: string | undefined
      readonly displayName: string
      readonly description?: string | undefined
    }>()
    expectTypeOf<Answer<'createCatalog'>['position']>().toEqualTypeOf<string>()
    expectTypeOf<Client['submitRequest']>().parameter(0).toEqualTypeOf<Input<'submitRequest'>>()
    expectTypeOf<Input<'listRequests'>['limit']>().toEqualTypeOf<number | undefined>()
    // @ts-expect-error: a query takes no command id.
    const query = (client: Client) => client.getMe({}, { commandId: DONE.commandId })
    // @ts-expect-error: the package must be named.
    const nothing = (client: Client) => client.submitRequest({})
    // @ts-expect-error: one catalog is no list.
    const list = (client: Client) => client.getCatalog.all
    expect([query, nothing, list]).toHaveLength(3)
  })
})
