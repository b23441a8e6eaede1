import { randomUUID } from 'node:crypto'
import type { AccessPackageCommand, PolicyTerms } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execute, openTerms, roleOf, send, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

type Create = Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }>

describe('what creating an access package would come to (S17)', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    const catalog = { catalogId: 'tools', displayName: 'Tools', description: '' }
    await send(engine, 'olivia', { type: 'CreateCatalog', ...catalog })
    await send(engine, 'olivia', { type: 'AddResource', catalogId: 'tools', resourceId: 'repo' })
  })
  afterAll(() => engine.close())

  const create = (roles: readonly string[], terms: PolicyTerms, changes: Partial<Create> = {}) =>
    ({
      type: 'CreateAccessPackage',
      packageId: `p-${randomUUID()}`,
      catalogId: 'tools',
      displayName: 'Package',
      description: '',
      hidden: false,
      resourceRoles: roles.map(roleOf),
      policies: [{ policyId: 'standard', enabled: true, terms }],
      ...changes,
    }) satisfies Create

  /** Validates, which must write nothing; then creates, which must come to the same. */
  const both = async (by: string, command: Create) => {
    const before = await engine.store.head()
    const said = await engine.application.validatePackage(user(by), command)
    expect(await engine.store.head()).toBe(before)
    const problems = said.problems.map(({ path, refusal: { code, message } }) => ({
      path,
      code,
      message,
    }))
    const answer = await execute(engine, by, command)
    if (answer.ok) expect([problems, answer.result.warnings]).toEqual([[], said.warnings])
    else {
      expect(answer.refusal.data?.problems).toEqual(problems)
      expect(answer.refusal.code).toBe(problems[0]?.code)
      expect(await engine.store.head()).toBe(before)
    }
    return {
      problems: problems.map(({ path, code }) => `${path}: ${code}`),
      warnings: said.warnings.map(({ path, code }) => `${path}: ${code}`),
      resourcesToAdd: said.resourcesToAdd,
    }
  }

  it('nothing wrong, and what it would bring into the catalog (S4)', async () => {
    expect(await both('olivia', create(['repo.member', 'wiki.editor'], exampleTerms()))).toEqual({
      problems: [],
      warnings: [],
      resourcesToAdd: ['wiki'],
    })
  })

  it('everything that is wrong, and what the sender may not bring in', async () => {
    const terms = openTerms({
      requestors: { kind: 'external', directoryIds: ['partner', 'rival', 'unheard-of'] },
      extension: { allowed: true, approvalRequired: true },
      zone: 'Mars/Olympus',
    })
    expect(
      await both(
        'olivia',
        create(['crm.member', 'moon.member', 'repo.king', 'chat.member'], terms),
      ),
    ).toEqual({
      problems: [
        'resourceRoles[0].resourceId: package.resource-not-in-catalog',
        'resourceRoles[1].resourceId: package.resource-not-in-catalog',
        'resourceRoles[2].roleId: package.role-not-found',
        'resourceRoles[3].resourceId: package.resource-not-in-catalog',
        'policies[0].terms.zone: policy.unknown-zone',
        'policies[0].terms.extension.approvalRequired: policy.extension-without-approvers',
        'policies[0].terms.requestors.directoryIds[1]: policy.directory-refused',
        'policies[0].terms.requestors.directoryIds[2]: policy.unknown-principal',
      ],
      warnings: [],
      resourcesToAdd: [],
    })
  })

  it('approvers and requestors that nobody is: warned of, and accepted', async () => {
    const terms = exampleTerms({
      requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'empty' }] },
      approval: {
        required: true,
        stages: [
          {
            approvers: [
              { kind: 'group', id: 'empty' },
              { kind: 'user', id: 'gone' },
              { kind: 'user', id: 'lea' },
            ],
            timeoutDays: 3,
            approverJustification: false,
          },
        ],
      },
    })
    const expected = [
      'policies[0].terms.requestors.principals[0]: policy.nobody-requests',
      'policies[0].terms.approval.stages[0].approvers[0]: policy.nobody-approves',
      'policies[0].terms.approval.stages[0].approvers[1]: policy.nobody-approves',
    ]
    const command = create([], terms)
    expect((await both('olivia', command)).warnings).toEqual([
      'resourceRoles: package.no-resource-roles',
      ...expected,
    ])
    const policy = { packageId: command.packageId, policyId: 'other' }
    const added = { type: 'AddPolicy', ...policy, enabled: true, terms } as const
    const commandId = randomUUID()
    const first = await send(engine, 'olivia', added, commandId)
    expect(first.result.warnings?.map(({ path }) => path)).toEqual(
      expected.map((line) => line.slice('policies[0].'.length).split(':', 1)[0]),
    )
    expect(await send(engine, 'olivia', added, commandId)).toEqual({ ...first, repeated: true })
  })

  it('nothing of the directory to who may not create there', async () => {
    const command = create(['wiki.member'], openTerms({ zone: 'Mars/Olympus' }), {
      policies: [
        { policyId: 'a', enabled: true, terms: openTerms({ zone: 'Mars/Olympus' }) },
        {
          policyId: 'b',
          enabled: true,
          terms: openTerms({
            requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'empty' }] },
          }),
        },
      ],
    })
    const said = {
      problems: ['catalogId: package.forbidden', 'policies[0].terms.zone: policy.unknown-zone'],
      warnings: [],
      resourcesToAdd: [],
    }
    expect(await both('stranger', command)).toEqual(said)
    expect(await both('olivia', { ...command, catalogId: 'default' })).toEqual(said)
    expect(await both('olivia', { ...command, catalogId: 'no-such' })).toEqual(said)
    expect((await both('admin', { ...command, catalogId: 'no-such' })).problems[0]).toBe(
      'catalogId: catalog.not-found',
    )
  })
})
