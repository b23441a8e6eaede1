import { exampleTerms } from '@portcullis/api-contract'
import { describe, expect, it } from 'vitest'
import { send } from './testing/send.ts'

describe('bad bodies', () => {
  it('lists every field, the rule and the way out', async () => {
    const { answer, body } = await send('POST', '/v1/access-packages', {
      displayName: '',
      hiden: true,
      policies: [
        { terms: { ...exampleTerms, zone: 'Mars/Olympus', expiration: { kind: 'soon' } } },
      ],
      resourceRoles: [{ resourceId: 'a b' }],
    })
    expect(answer.statusCode).toBe(400)
    expect(body.errors).toEqual([
      { path: 'body.displayName', rule: 'minimum', message: 'must have at least 1 character' },
      {
        path: 'body.resourceRoles[0].resourceId',
        rule: 'format',
        message: expect.stringContaining('an id is 1 to 64'),
      },
      { path: 'body.resourceRoles[0].roleId', rule: 'required', message: 'is required' },
      {
        path: 'body.policies[0].terms.expiration.kind',
        rule: 'one-of',
        message: 'must be "never" or "onDate" or "afterDays" or "afterHours"',
      },
      {
        path: 'body.policies[0].terms.zone',
        rule: 'rule',
        message: 'is not an IANA time zone, such as Europe/Berlin',
      },
      {
        path: 'body.hiden',
        rule: 'unknown-field',
        message: 'is not a known field here; remove it or correct its name',
      },
    ])
  })

  it('says so when there is no body, and when it is a list', async () => {
    expect((await send('POST', '/v1/catalogs')).body.detail).toBe(
      'the input is not valid: body is required',
    )
    expect((await send('POST', '/v1/catalogs', [1])).body.detail).toBe(
      'the input is not valid: body must be an object',
    )
  })

  it.each(['/v1/access-packages/k', '/v1/catalogs/c'])(
    'PATCH %s takes any of its fields, but not none',
    async (url) => {
      const { answer, body } = await send('PATCH', url, {})
      expect(answer.statusCode).toBe(400)
      expect(body.detail).toContain('body give')
    },
  )

  it('refuses a body where none is taken', async () => {
    const { answer, body } = await send('DELETE', '/v1/catalogs/c/owners/p', { force: true })
    expect([answer.statusCode, body.errors[0].path]).toEqual([400, 'body.force'])
  })

  it('lists at most 50 of many errors', async () => {
    const { body } = await send('POST', '/v1/access-packages', {
      displayName: 'x',
      resourceRoles: Array.from({ length: 900 }, () => ({})),
    })
    expect(body.errors).toHaveLength(50)
    expect(body.detail).toContain('and 1799 more')
  })

  it.each([
    '2026-02-30T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
    '0000-01-01T00:00:00+23:59',
    '2026-11-23',
    `2026-11-23T21:18:00.${'1'.repeat(60)}Z`,
  ])('refuses the end %s', async (endAt) => {
    const { answer, body } = await send('POST', '/v1/access-packages/k/assignments', {
      subjectId: 'b',
      policyId: 'y',
      endAt,
    })
    expect([answer.statusCode, body.errors[0].path]).toEqual([400, 'body.endAt'])
  })
})
