import type { BulkAnswer } from '@portcullis/engine'
import { describe, expect, it } from 'vitest'
import { fakeApplication } from './testing/fakeApplication.ts'
import { KEY, send } from './testing/send.ts'
import { testApi } from './testing/testApi.ts'

const URL = '/v1/access-packages/web-team/assignments/bulk'
const body = { policyId: 'staff', subjectIds: ['carol', 'dave'] }
const shared = {
  type: 'AssignDirectly',
  packageId: 'web-team',
  policyId: 'staff',
  startAt: null,
  endAt: '2027-03-31T16:00:00.000Z',
  justification: null,
}

describe('assigning many at once (S18)', () => {
  it('hands everybody on under one command id', async () => {
    const {
      answer,
      body: got,
      sent,
    } = await send('POST', URL, {
      ...body,
      endAt: '2027-03-31T18:00:00+02:00',
    })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({ 'idempotency-key': KEY, 'portcullis-position': '7' })
    expect(got).toMatchObject({
      commandId: KEY,
      position: '7',
      accepted: 2,
      refused: 0,
      repeated: 0,
    })
    expect(sent.map(({ command, commandId }) => [command, commandId])).toEqual(
      ['carol', 'dave'].map((subjectId) => [{ ...shared, subjectId }, KEY]),
    )
  })

  it('answers who was refused, and why, among the others', async () => {
    const refusal = {
      kind: 'not-allowed',
      code: 'subject.disabled',
      message: 'Enable them first.',
      data: { subjectId: 'dave' },
    } as const
    const made = {
      subjectId: 'carol',
      ok: true,
      requestId: 'web-team.carol.r1',
      assignmentId: 'web-team.carol.a1',
      status: 'Delivering',
      endAt: null,
      repeated: true,
    } as const
    const answer: BulkAnswer = {
      ok: true,
      commandId: KEY,
      position: 9n,
      accepted: 1,
      refused: 1,
      repeated: 1,
      results: [made, { subjectId: 'dave', ok: false, refusal }],
    }
    const api = testApi(fakeApplication({ assignMany: async () => answer }))
    const got = await api.inject({
      method: 'POST',
      url: URL,
      headers: { authorization: 'user alice', 'idempotency-key': KEY },
      payload: body,
    })
    expect(got.json()).toEqual({
      commandId: KEY,
      position: '9',
      accepted: 1,
      refused: 1,
      repeated: 1,
      results: [
        made,
        {
          subjectId: 'dave',
          ok: false,
          code: 'subject.disabled',
          message: 'Enable them first.',
          data: { subjectId: 'dave' },
        },
      ],
    })
  })

  it('answers a refusal of the whole as one problem', async () => {
    const refusal = { kind: 'forbidden', code: 'assignment.forbidden', message: 'No.' } as const
    const api = testApi(fakeApplication({ assignMany: async () => ({ ok: false, refusal }) }))
    const got = await api.inject({
      method: 'POST',
      url: URL,
      headers: { authorization: 'user alice' },
      payload: body,
    })
    expect([got.statusCode, got.json().code]).toEqual([403, 'assignment.forbidden'])
  })

  it('takes 10,000 of the longest ids within the limit of a body', async () => {
    const subjectIds = Array.from({ length: 10_000 }, (_, index) => String(index).padStart(64, 'x'))
    const { answer, sent } = await send('POST', URL, { ...body, subjectIds })
    expect(answer.statusCode).toBe(200)
    expect(sent).toHaveLength(10_000)
  })

  it.each([
    ['nobody', [], 'must have at least 1 item'],
    [
      '10,001',
      Array.from({ length: 10_001 }, (_, index) => `p${index}`),
      'must have at most 10000 items',
    ],
    [
      'somebody twice',
      ['carol', 'dave', 'carol', 'bob', 'dave', 'dave'],
      'names each subject once; given more than once: carol, dave',
    ],
    [
      'many twice',
      Array.from({ length: 60 }, (_, index) => `p${index % 30}`),
      'names each subject once; given more than once: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15, p16, p17, p18, p19, and 10 more',
    ],
  ])('refuses %s', async (_, subjectIds, message) => {
    const { answer, body: got, sent } = await send('POST', URL, { ...body, subjectIds })
    expect(answer.statusCode).toBe(400)
    expect(got.errors).toMatchObject([{ path: 'body.subjectIds', message }])
    expect(sent).toEqual([])
  })
})
