import { exampleTerms, problemSchema } from '@portcullis/api-contract'
import { describe, expect, it } from 'vitest'
import { fakeApplication } from './testing/fakeApplication.ts'
import { KEY, send } from './testing/send.ts'
import { testApi } from './testing/testApi.ts'

describe('a command', () => {
  it('answers its id, position and result, and where to read what it made', async () => {
    const { answer, body } = await send('POST', '/v1/access-packages/web-team/requests', {})
    expect(answer.statusCode).toBe(201)
    expect(answer.headers).toMatchObject({
      'portcullis-position': '7',
      'idempotency-key': KEY,
      location: '/v1/requests/web-team.alice.r1',
    })
    expect(body).toEqual({
      commandId: KEY,
      position: '7',
      repeated: false,
      packageId: 'web-team',
      requestId: 'web-team.alice.r1',
      status: 'PendingApproval',
    })
  })

  it('carries the caller, the command id in lower case and the request id as correlation id', async () => {
    const { sent, answer } = await send(
      'POST',
      '/v1/catalogs/c/owners',
      { personId: 'p' },
      {
        authorization: 'service hr UserAdministrator',
        'idempotency-key': KEY.toUpperCase(),
        'x-request-id': 'trace-1',
      },
    )
    expect(sent[0]).toMatchObject({
      commandId: KEY,
      correlationId: 'trace-1',
      caller: { actor: { kind: 'service', id: 'hr' }, directoryRoles: ['UserAdministrator'] },
    })
    expect(answer.headers['x-request-id']).toBe('trace-1')
  })

  it('gets an id of its own when the sender gives none', async () => {
    const application = fakeApplication()
    const answer = await testApi(application).inject({
      method: 'POST',
      url: '/v1/catalogs/c/owners',
      headers: { authorization: 'user alice' },
      payload: { personId: 'p' },
    })
    expect(answer.json().commandId).toBe(application.sent[0]?.commandId)
    expect(answer.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is refused when its id is not a UUID', async () => {
    const { answer, body, sent } = await send(
      'POST',
      '/v1/catalogs/c/owners',
      { personId: 'p' },
      {
        'idempotency-key': 'again',
      },
    )
    expect(answer.statusCode).toBe(400)
    expect(body.errors).toEqual([
      { path: 'header Idempotency-Key', rule: 'format', message: 'a command id is a UUID' },
    ])
    expect(sent).toEqual([])
  })

  it('that is refused for several things lists each with its place in the body', async () => {
    const problem = (path: string) => ({ path, code: 'x.y', message: `No to ${path}.` })
    const problems = ['packageId', 'policies[1].policyId', 'policies[1].terms.zone'].map(problem)
    const data = { by: 'bob', problems }
    const answer = await testApi(
      fakeApplication({
        execute: async () => ({
          ok: false,
          refusal: { kind: 'conflict', code: 'x.y', message: 'No.', data },
        }),
      }),
    ).inject({
      method: 'POST',
      url: '/v1/access-packages',
      headers: { authorization: 'user alice' },
      payload: { displayName: 'x' },
    })
    const body = problemSchema.parse(answer.json())
    expect([answer.statusCode, body.data]).toEqual([409, { by: 'bob' }])
    expect(body.errors).toEqual([
      { path: 'body.id', rule: 'x.y', message: 'No to packageId.' },
      { path: 'body.policies[1].id', rule: 'x.y', message: 'No to policies[1].policyId.' },
      {
        path: 'body.policies[1].terms.zone',
        rule: 'x.y',
        message: 'No to policies[1].terms.zone.',
      },
    ])
  })

  it('that is accepted with warnings passes them on', async () => {
    const warning = { path: 'terms.requestors.principals[0]', code: 'x.y', message: 'Nobody.' }
    const answer = await testApi(
      fakeApplication({
        execute: async (_command, { commandId }) => ({
          ok: true,
          commandId,
          position: 7n,
          repeated: false,
          result: { packageId: 'k', warnings: [warning] },
        }),
      }),
    ).inject({
      method: 'POST',
      url: '/v1/access-packages/k/policies',
      headers: { authorization: 'user alice' },
      payload: { terms: exampleTerms },
    })
    expect(answer.json().warnings).toEqual([
      { path: 'body.terms.requestors.principals[0]', rule: 'x.y', message: 'Nobody.' },
    ])
  })

  it.each([
    ['invalid', 400],
    ['forbidden', 403],
    ['not-found', 404],
    ['conflict', 409],
    ['not-allowed', 422],
  ] as const)('that is refused as %s answers %i with code and data', async (kind, status) => {
    const application = fakeApplication({
      execute: async () => ({
        ok: false,
        refusal: { kind, code: 'x.y', message: 'No, because.', data: { by: 'bob' } },
      }),
    })
    const answer = await testApi(application).inject({
      method: 'POST',
      url: '/v1/requests/k.bob.r1/approve',
      headers: { authorization: 'user alice' },
    })
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(problemSchema.parse(answer.json())).toMatchObject({
      type: 'urn:portcullis:problem:x.y',
      status,
      code: 'x.y',
      detail: 'No, because.',
      data: { by: 'bob' },
    })
  })
})

describe('whom a request is about', () => {
  it('is the user who asks, or whom they name: the engine says whether they may', async () => {
    const url = '/v1/access-packages/k/requests'
    const subjects = [
      await send('POST', url, {}),
      await send('POST', url, { subjectId: 'bob' }),
    ].map(({ sent }) => sent[0]?.command)
    expect(subjects).toMatchObject([{ subjectId: 'alice' }, { subjectId: 'bob' }])
  })

  it('is named by a service', async () => {
    const { sent } = await send(
      'POST',
      '/v1/access-packages/k/requests',
      { subjectId: 'bob' },
      { authorization: 'service hr' },
    )
    expect(sent[0]?.command).toMatchObject({ subjectId: 'bob' })
  })

  it('must be named by a service', async () => {
    const { answer, body } = await send(
      'POST',
      '/v1/access-packages/k/requests',
      {},
      { authorization: 'service hr' },
    )
    expect([answer.statusCode, body.errors[0].path]).toEqual([400, 'body.subjectId'])
  })
})
