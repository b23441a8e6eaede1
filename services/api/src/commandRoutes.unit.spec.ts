import { allOperations, exampleTerms } from '@portcullis/api-contract'
import { deriveId, storedCommandId } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { validSegment } from './testing/arbitraryRequests.ts'
import { fakeApplication } from './testing/fakeApplication.ts'
import { KEY, send } from './testing/send.ts'
import { testApi } from './testing/testApi.ts'

describe('each command route sends its command', () => {
  const terms = exampleTerms
  const named = { displayName: 'Name', description: 'Text' }
  it.each([
    [
      'POST',
      '/v1/catalogs',
      { id: 'c', ...named },
      { type: 'CreateCatalog', catalogId: 'c', ...named },
    ],
    ['PATCH', '/v1/catalogs/c', named, { type: 'RenameCatalog', catalogId: 'c', ...named }],
    [
      'POST',
      '/v1/catalogs/c/owners',
      { personId: 'p' },
      { type: 'AddCatalogOwner', catalogId: 'c', personId: 'p' },
    ],
    [
      'DELETE',
      '/v1/catalogs/c/owners/p',
      undefined,
      { type: 'RemoveCatalogOwner', catalogId: 'c', personId: 'p' },
    ],
    [
      'POST',
      '/v1/catalogs/c/managers',
      { personId: 'p' },
      { type: 'AddPackageManager', catalogId: 'c', personId: 'p' },
    ],
    [
      'DELETE',
      '/v1/catalogs/c/managers/p',
      undefined,
      { type: 'RemovePackageManager', catalogId: 'c', personId: 'p' },
    ],
    [
      'POST',
      '/v1/catalogs/c/resources',
      { resourceId: 'r' },
      { type: 'AddResource', catalogId: 'c', resourceId: 'r' },
    ],
    [
      'DELETE',
      '/v1/catalogs/c/resources/r',
      undefined,
      { type: 'RemoveResource', catalogId: 'c', resourceId: 'r' },
    ],
    [
      'PATCH',
      '/v1/catalogs/c',
      { description: 'Text' },
      { type: 'RenameCatalog', catalogId: 'c', displayName: null, description: 'Text' },
    ],
    [
      'PATCH',
      '/v1/access-packages/k',
      { ...named, hidden: false },
      { type: 'EditAccessPackage', packageId: 'k', ...named, hidden: false },
    ],
    [
      'PATCH',
      '/v1/access-packages/k',
      { hidden: true },
      {
        type: 'EditAccessPackage',
        packageId: 'k',
        displayName: null,
        description: null,
        hidden: true,
      },
    ],
    ['DELETE', '/v1/access-packages/k', undefined, { type: 'DeleteAccessPackage', packageId: 'k' }],
    [
      'DELETE',
      '/v1/access-packages/k/policies/y',
      undefined,
      { type: 'RemovePolicy', packageId: 'k', policyId: 'y' },
    ],
    [
      'POST',
      '/v1/access-packages/k/resource-roles',
      { resourceId: 'r', roleId: 'm' },
      { type: 'AddResourceRole', packageId: 'k', resourceId: 'r', roleId: 'm' },
    ],
    [
      'DELETE',
      '/v1/access-packages/k/resource-roles/r/m',
      undefined,
      { type: 'RemoveResourceRole', packageId: 'k', resourceId: 'r', roleId: 'm' },
    ],
    [
      'POST',
      '/v1/access-packages/k/resource-roles',
      { resourceId: 'r', roleId: 'm', rollOut: 'held' },
      { type: 'AddResourceRole', packageId: 'k', resourceId: 'r', roleId: 'm', rollOut: 'held' },
    ],
    [
      'DELETE',
      '/v1/access-packages/k/resource-roles/r/m',
      { rollOut: 'held' },
      { type: 'RemoveResourceRole', packageId: 'k', resourceId: 'r', roleId: 'm', rollOut: 'held' },
    ],
    [
      'POST',
      '/v1/access-packages/k/reprocess',
      undefined,
      { type: 'ReprocessPackage', packageId: 'k', after: null, limit: 200 },
    ],
    [
      'POST',
      '/v1/reprocess',
      { after: 'git.member.x', limit: 7 },
      { type: 'ReprocessEverything', after: 'git.member.x', limit: 7 },
    ],
    ['POST', '/v1/leavers/release', undefined, { type: 'ReleaseLeaverEndings' }],
    [
      'POST',
      '/v1/access-packages/k/roll-out/pause',
      undefined,
      { type: 'PauseRollOut', packageId: 'k' },
    ],
    [
      'POST',
      '/v1/access-packages/k/roll-out/resume',
      undefined,
      { type: 'ResumeRollOut', packageId: 'k' },
    ],
    [
      'POST',
      '/v1/access-packages/k/roll-out/release',
      undefined,
      { type: 'ReleaseRollOut', packageId: 'k' },
    ],
    [
      'POST',
      '/v1/access-packages/k/roll-out/cancel',
      undefined,
      { type: 'CancelRollOut', packageId: 'k' },
    ],
    [
      'POST',
      '/v1/access-packages/k/policies',
      { id: 'y', terms },
      { type: 'AddPolicy', packageId: 'k', policyId: 'y', enabled: true, terms },
    ],
    [
      'PUT',
      '/v1/access-packages/k/policies/y',
      { terms },
      { type: 'ChangePolicy', packageId: 'k', policyId: 'y', terms },
    ],
    [
      'POST',
      '/v1/access-packages/k/policies/y/enable',
      undefined,
      { type: 'EnablePolicy', packageId: 'k', policyId: 'y' },
    ],
    [
      'POST',
      '/v1/access-packages/k/policies/y/disable',
      {},
      { type: 'DisablePolicy', packageId: 'k', policyId: 'y' },
    ],
    [
      'POST',
      '/v1/access-packages/k/requests',
      { policyId: 'y', justification: 'why' },
      {
        type: 'SubmitRequest',
        packageId: 'k',
        subjectId: 'alice',
        policyId: 'y',
        justification: 'why',
      },
    ],
    [
      'POST',
      '/v1/access-packages/k/requests',
      undefined,
      {
        type: 'SubmitRequest',
        packageId: 'k',
        subjectId: 'alice',
        policyId: null,
        justification: null,
      },
    ],
    [
      'POST',
      '/v1/access-packages/k/assignments',
      { subjectId: 'bob', policyId: 'y', endAt: '2027-03-31T18:00:00+02:00' },
      {
        type: 'AssignDirectly',
        packageId: 'k',
        subjectId: 'bob',
        policyId: 'y',
        startAt: null,
        endAt: '2027-03-31T16:00:00.000Z',
        justification: null,
      },
    ],
    [
      'POST',
      '/v1/requests/k.bob.r1/approve',
      { justification: 'ok' },
      { type: 'DecideApproval', requestId: 'k.bob.r1', decision: 'approve', justification: 'ok' },
    ],
    [
      'POST',
      '/v1/requests/k.bob.r1/deny',
      undefined,
      { type: 'DecideApproval', requestId: 'k.bob.r1', decision: 'deny', justification: null },
    ],
    [
      'POST',
      '/v1/requests/k.bob.r1/cancel',
      { reason: null },
      { type: 'CancelRequest', requestId: 'k.bob.r1', reason: null },
    ],
    [
      'POST',
      '/v1/assignments/k.bob.a1/extend',
      {},
      { type: 'RequestExtension', assignmentId: 'k.bob.a1', justification: null },
    ],
    [
      'POST',
      '/v1/assignments/k.bob.a1/remove',
      { justification: 'left' },
      { type: 'RemoveAssignment', assignmentId: 'k.bob.a1', justification: 'left' },
    ],
  ] as const)('%s %s %j', async (method, url, body, command) => {
    const { answer, sent } = await send(method, url, body)
    expect(answer.statusCode).toBeLessThan(300)
    expect(sent.map((each) => each.command)).toEqual([command])
  })

  it('makes ids from the sender and the command id, so that a repeat makes the same things, and nobody else’s command', async () => {
    const stored = storedCommandId({ kind: 'user', id: 'alice' }, KEY)
    const { sent } = await send('POST', '/v1/access-packages', {
      displayName: 'Web team',
      policies: [{ terms }, { terms: { ...terms, zone: undefined }, enabled: false }],
    })
    expect(sent[0]?.command).toEqual({
      type: 'CreateAccessPackage',
      packageId: deriveId('accessPackage', stored, 0),
      catalogId: 'default',
      displayName: 'Web team',
      description: '',
      hidden: false,
      resourceRoles: [],
      policies: [
        { policyId: deriveId('policy', stored, 0), enabled: true, terms },
        {
          policyId: deriveId('policy', stored, 1),
          enabled: false,
          terms: { ...terms, zone: 'Europe/Berlin' },
        },
      ],
    })
  })
})

it.each(allOperations.map((operation) => [operation.id, operation] as const))(
  '%s has a route, and its example is taken',
  async (id, operation) => {
    const url = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => validSegment(name))
    const application = fakeApplication()
    const answer = await testApi(application).inject({
      method: operation.method,
      url,
      headers: { authorization: 'user alice' },
      ...(operation.example.body === undefined ? {} : { payload: Object(operation.example.body) }),
    })
    const expected = operation.kind === 'command' ? [operation.status] : [200, 404, 403]
    expect(expected, `${id}: ${answer.body}`).toContain(answer.statusCode)
    if (answer.statusCode === 404) expect(answer.json().code).toBe('query.not-found')
    expect(application.sent.length > 0).toBe(operation.kind === 'command')
  },
)
