import { describe, expect, it } from 'vitest'
import type { AccessPackageEvent } from '../events.ts'
import { NO_ROLES, USER_ADMINISTRATOR } from '../testing/index.ts'
import type { AccessPackageCommand } from './accessPackage.commands.ts'
import {
  CREATOR,
  create,
  created,
  deleted,
  given,
  MANAGER,
  newPolicy,
  OWNER,
  packageId,
  policyAdded,
  role,
  roleAdded,
  roleRemoved,
  rollOut,
  terms,
  UNUSED,
} from './accessPackage.fixture.ts'
import { packageExists } from './accessPackage.state.ts'

describe('creating an access package (S2, S17)', () => {
  it('in one go with roles and policies', () => {
    given()
      .when(
        create({
          resourceRoles: [role, { resourceId: 'repo', roleId: 'owner' }],
          policies: [
            { policyId: 'standard', enabled: true, terms },
            { policyId: 'late', enabled: false, terms },
          ],
        }),
      )
      .thenEvents([
        created(),
        roleAdded(1),
        roleAdded(2, { resourceId: 'repo', roleId: 'owner' }),
        policyAdded(),
        policyAdded('late', false),
      ])
  })
  it('without either', () => {
    given().when(create()).thenEvents([created()])
  })
  it.each([
    ['User administrator', USER_ADMINISTRATOR, true, true],
    ['Catalog owner', OWNER, true, false],
    ['Access package manager', MANAGER, true, false],
    ['Catalog creator', CREATOR, false, false],
    ['no role', NO_ROLES, false, false],
  ])('%s: elsewhere and in the built-in catalog', (_who, actor, elsewhere, builtIn) => {
    const inCatalog = given().when(create(), { actor })
    const inDefault = given().when(create({ catalogId: 'default' }), { actor })
    if (elsewhere) inCatalog.thenEvents([created()])
    else {
      inCatalog.thenRefused('package.forbidden', {
        kind: 'forbidden',
        message:
          'needs Access package manager of the catalog, or Catalog owner of the catalog, or User administrator;',
      })
      // Who may nothing there doesn't learn whether there is such a catalog.
      const nowhere = { actor, catalog: { exists: false, displayName: '', resourceIds: [] } }
      expect(given().when(create(), nowhere).decision).toEqual(inCatalog.decision)
    }
    if (builtIn) inDefault.thenEvents([created({ catalogId: 'default' })])
    else inDefault.thenRefused('package.forbidden', { message: 'needs User administrator;' })
  })
  it.each([
    [
      'no such catalog',
      create(),
      { catalog: { exists: false, displayName: '', resourceIds: [] } },
      'catalog.not-found',
    ],
    [
      'an unknown resource',
      create({ resourceRoles: [{ resourceId: 'nope', roleId: 'member' }] }),
      { actor: USER_ADMINISTRATOR },
      'package.resource-not-found',
    ],
    [
      'an unknown resource, which is like one from outside the catalog to who may not add any',
      create({ resourceRoles: [{ resourceId: 'nope', roleId: 'member' }] }),
      {},
      'package.resource-not-in-catalog',
    ],
    [
      'a role that a resource from outside the catalog has not',
      create({ resourceRoles: [{ resourceId: 'away', roleId: 'king' }] }),
      {},
      'package.resource-not-in-catalog',
    ],
    [
      'an unknown role',
      create({ resourceRoles: [{ resourceId: 'repo', roleId: 'king' }] }),
      {},
      'package.role-not-found',
    ],
    [
      'a resource from outside the catalog',
      create({ resourceRoles: [{ resourceId: 'away', roleId: 'member' }] }),
      {},
      'package.resource-not-in-catalog',
    ],
    ['a role twice', create({ resourceRoles: [role, role] }), {}, 'package.duplicate-role'],
    [
      'a policy id twice',
      create({ policies: [newPolicy({}), newPolicy({})] }),
      {},
      'policy.duplicate-id',
    ],
    [
      'an unknown principal',
      create({ policies: [newPolicy({})] }),
      { unknownPrincipals: [{ kind: 'group', id: 'leads' }] },
      'policy.unknown-principal',
    ],
    [
      'a directory that may not be used (S8)',
      create({
        policies: [newPolicy({ requestors: { kind: 'external', directoryIds: ['evil'] } })],
      }),
      { refusedDirectories: ['evil'] },
      'policy.directory-refused',
    ],
  ] as const)('refuses %s, all or nothing', (_what, command, facts, code) => {
    given().when(command, facts).thenRefused(code)
  })
  it('refuses an id that is or was in use', () => {
    given(created()).when(create()).thenRefused('package.already-exists', { kind: 'conflict' })
    given(created(), deleted).when(create()).thenRefused('package.already-exists')
  })
})

describe('the package itself', () => {
  const data = { packageId }
  it('renames, hides and shows in one command, and tells only what changes', () => {
    const edit = (changes: object) =>
      ({
        type: 'EditAccessPackage',
        packageId,
        displayName: null,
        description: null,
        hidden: null,
        ...changes,
      }) as const
    const renamed = (displayName: string, description: string): AccessPackageEvent => ({
      type: 'AccessPackageRenamed.v1',
      data: { packageId, displayName, description },
    })
    const hidden: AccessPackageEvent = { type: 'AccessPackageHidden.v1', data }
    given(created())
      .when(edit({ displayName: 'Kit' }))
      .thenEvents([renamed('Kit', '')])
    given(created())
      .when(edit({ description: 'New' }))
      .thenEvents([renamed('Tools', 'New')])
    given(created())
      .when(edit({ displayName: 'Kit', hidden: true }))
      .thenEvents([renamed('Kit', ''), hidden])
    given(created())
      .when(edit({ displayName: 'Tools', description: '', hidden: false }))
      .thenNothing()
    given(created()).when(edit({})).thenNothing()
    given(created({ hidden: true }))
      .when(edit({ hidden: false }))
      .thenEvents([{ type: 'AccessPackageShown.v1', data }])
    given(created({ hidden: true }))
      .when(edit({ hidden: true }))
      .thenNothing()
  })
  it('adds and removes roles, each with a new roles version (S5, S6)', () => {
    const add = { type: 'AddResourceRole', packageId, ...role } as const
    const remove = { type: 'RemoveResourceRole', packageId, ...role } as const
    given(created())
      .when(add)
      .thenEvents([rollOut('Queued', 1), roleAdded()])
    given(created(), roleAdded()).when(add).thenNothing()
    given(created(), roleAdded())
      .when(remove)
      .thenEvents([rollOut('Queued', 2), roleRemoved(2)])
    given(created()).when(remove).thenNothing()
    given(created(), roleAdded(), roleRemoved(2))
      .when(add)
      .thenEvents([rollOut('Queued', 3), roleAdded(3)])
    given(created())
      .when({ ...add, resourceId: 'away' })
      .thenRefused('package.resource-not-in-catalog')
  })
  it('is for its administrators, and closed once deleted', () => {
    const policy = { packageId, policyId: 'standard' }
    const commands: readonly AccessPackageCommand[] = [
      {
        type: 'EditAccessPackage',
        packageId,
        displayName: 'Kit',
        description: null,
        hidden: true,
      },
      { type: 'AddResourceRole', packageId, ...role },
      { type: 'RemoveResourceRole', packageId, ...role },
      { type: 'PauseRollOut', packageId },
      { type: 'ResumeRollOut', packageId },
      { type: 'ReleaseRollOut', packageId },
      { type: 'CancelRollOut', packageId },
      { type: 'AddPolicy', ...policy, enabled: true, terms },
      { type: 'ChangePolicy', ...policy, terms },
      { type: 'EnablePolicy', ...policy },
      { type: 'DisablePolicy', ...policy },
      { type: 'RemovePolicy', ...policy },
      { type: 'DeleteAccessPackage', packageId },
    ]
    for (const command of commands) {
      given().when(command).thenRefused('package.not-found')
      given(created()).when(command, { actor: NO_ROLES }).thenRefused('package.forbidden')
      given(created()).when(command, { actor: CREATOR }).thenRefused('package.forbidden')
      given(created(), policyAdded(), deleted).when(command).thenRefused('package.deleted')
      for (const actor of [OWNER, MANAGER, USER_ADMINISTRATOR]) {
        expect(
          given(created(), policyAdded(), rollOut('Queued', 1), roleAdded(1)).when(command, {
            actor,
            use: UNUSED,
            rollingOut: true,
          }).decision.ok,
        ).toBe(true)
      }
    }
  })
  it('tells whether it is there', () => {
    expect(packageExists(given().when(create()).state)).toBe(true)
    expect(packageExists(given(created(), deleted).when(create()).state)).toBe(false)
  })
})
