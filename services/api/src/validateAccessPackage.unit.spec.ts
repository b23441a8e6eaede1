import { exampleTerms, operations } from '@portcullis/api-contract'
import { refuse } from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import { describe, expect, it, vi } from 'vitest'
import { fakeApplication } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const operation = operations.validateAccessPackage

const validate = async (body: unknown, overrides: Partial<Application> = {}) => {
  const application = fakeApplication(overrides)
  const answer = await testApi(application).inject({
    method: 'POST',
    url: '/v1/access-packages/validate',
    headers: { authorization: 'user alice' },
    payload: Object(body),
  })
  expect(application.sent).toEqual([])
  expect(answer.statusCode).toBe(200)
  return operation.answer.parse(answer.json())
}
const NOTHING = { valid: true, problems: [], warnings: [], resourcesToAdd: [] }

describe('validateAccessPackage (S17)', () => {
  it('hands on what createAccessPackage would send, and answers what the rules say', async () => {
    const validatePackage = vi.fn<Application['validatePackage']>(async () => ({
      problems: [
        { path: 'packageId', refusal: refuse('conflict', 'package.x', 'Taken.').refusal },
        { path: 'policies[0].policyId', refusal: refuse('invalid', 'policy.x', 'Twice.').refusal },
      ],
      warnings: [{ path: 'resourceRoles', code: 'package.w', message: 'Hm.' }],
      resourcesToAdd: ['git'],
    }))
    const body = {
      id: 'web-team',
      displayName: 'Web team',
      policies: [{ id: 'staff', terms: exampleTerms }],
    }
    expect(await validate(body, { validatePackage })).toEqual({
      valid: false,
      problems: [
        { path: 'body.id', rule: 'package.x', message: 'Taken.' },
        { path: 'body.policies[0].id', rule: 'policy.x', message: 'Twice.' },
      ],
      warnings: [{ path: 'body.resourceRoles', rule: 'package.w', message: 'Hm.' }],
      resourcesToAdd: ['git'],
    })
    expect(validatePackage).toHaveBeenCalledExactlyOnceWith(
      { actor: { kind: 'user', id: 'alice' }, directoryRoles: [] },
      {
        type: 'CreateAccessPackage',
        packageId: 'web-team',
        catalogId: 'default',
        displayName: 'Web team',
        description: '',
        hidden: false,
        resourceRoles: [],
        policies: [{ policyId: 'staff', enabled: true, terms: exampleTerms }],
      },
    )
  })

  it('says so when nothing is wrong', async () => {
    expect(await validate({ displayName: 'Web team' })).toEqual(NOTHING)
  })

  it('puts what is wrong with the shape and what the rules say of the rest into one list', async () => {
    const role = (resourceId: string) => ({ resourceId, roleId: 'member' })
    const validatePackage = vi.fn<Application['validatePackage']>(async () => ({
      problems: [
        {
          path: 'resourceRoles[1].resourceId',
          refusal: refuse('not-found', 'package.y', 'Unknown.').refusal,
        },
        { path: 'policies[0].terms.zone', refusal: refuse('invalid', 'policy.y', 'No.').refusal },
      ],
      warnings: [],
      resourcesToAdd: [],
    }))
    const answer = await validate(
      {
        displayName: '',
        colour: 'red',
        resourceRoles: [role('git'), { resourceId: 'x' }, role('wiki')],
        policies: [{ terms: { ...exampleTerms, zone: 'Mars' } }, { terms: exampleTerms }],
      },
      { validatePackage },
    )
    expect(answer.problems.map(({ path, rule }) => `${path}: ${rule}`).sort()).toEqual([
      'body.colour: unknown-field',
      'body.displayName: minimum',
      'body.policies[0].terms.zone: rule',
      'body.policies[1].terms.zone: policy.y',
      'body.resourceRoles[1].roleId: required',
      'body.resourceRoles[2].resourceId: package.y',
    ])
    const [, command] = validatePackage.mock.calls[0] ?? []
    expect(command).toMatchObject({
      catalogId: 'default',
      resourceRoles: [role('git'), role('wiki')],
      policies: [{ enabled: true }],
    })
  })

  it.each([
    ['a list', [1], ['body']],
    ['a catalog that can’t be one', { displayName: 'x', catalogId: '?' }, ['body.catalogId']],
    [
      'policies that are no list',
      { displayName: 'x', policies: 1, resourceRoles: {} },
      ['body.resourceRoles', 'body.policies'],
    ],
  ])('takes %s', async (_what, body, paths) => {
    expect((await validate(body)).problems.map(({ path }) => path)).toEqual(paths)
  })

  it('lists at most 1000 of many', async () => {
    const resourceRoles = Array.from({ length: 900 }, () => ({}))
    const { problems } = await validate({ displayName: 'x', resourceRoles })
    expect(problems).toHaveLength(1000)
  })
})
