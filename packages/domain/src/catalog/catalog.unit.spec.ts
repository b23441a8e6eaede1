import { specify } from '@portcullis/core/testing'
import { describe, expect, it } from 'vitest'
import type { CatalogEvent } from '../events.ts'
import type { ActorFacts } from '../permissions/standings.ts'
import {
  at,
  checkStorable,
  ENGINE_ACTOR,
  NO_ROLES,
  service,
  USER_ADMINISTRATOR,
  user,
} from '../testing/index.ts'
import type { CatalogCommand } from './catalog.commands.ts'
import { catalogDecider } from './catalog.decide.ts'
import type { CatalogFacts } from './catalog.facts.ts'
import { catalogRolesOf } from './catalog.state.ts'

const NOW = '2026-05-01T08:00:00.000Z'
const catalogId = 'infra'
const OWNER: ActorFacts = { directoryRoles: [], catalogRoles: ['CatalogOwner'] }
const MANAGER: ActorFacts = { directoryRoles: [], catalogRoles: ['AccessPackageManager'] }
const CREATOR: ActorFacts = { directoryRoles: ['CatalogCreator'], catalogRoles: [] }

const created = (ownerId: string | null = 'olga', id = catalogId): CatalogEvent => ({
  type: 'CatalogCreated.v1',
  data: { catalogId: id, displayName: 'Infra', description: 'Servers', ownerId },
})
const ownerAdded = (personId: string): CatalogEvent => ({
  type: 'CatalogOwnerAdded.v1',
  data: { catalogId, personId },
})
const managerAdded = (personId: string): CatalogEvent => ({
  type: 'PackageManagerAdded.v1',
  data: { catalogId, personId },
})
const resourceAdded = (resourceId: string): CatalogEvent => ({
  type: 'ResourceAddedToCatalog.v1',
  data: { catalogId, resourceId },
})

const given = (...events: CatalogEvent[]) => ({
  when: (command: CatalogCommand, facts: Partial<CatalogFacts> = {}, actor = user('olga')) => {
    const outcome = specify(catalogDecider)
      .given(events)
      .when(command, at(NOW, actor), { actor: OWNER, ...facts })
    checkStorable(outcome.decision)
    return outcome
  },
})
const create = (id = catalogId): CatalogCommand => ({
  type: 'CreateCatalog',
  catalogId: id,
  displayName: 'Infra',
  description: 'Servers',
})

describe('creating a catalog (S1, S3)', () => {
  it.each([
    ['a User administrator', USER_ADMINISTRATOR],
    ['a Catalog creator', CREATOR],
  ])('%s may, and becomes its first owner', (_who, actor) => {
    given()
      .when(create(), { actor })
      .thenEvents([created('olga')])
  })
  it.each([
    ['nobody in particular', NO_ROLES],
    ['a Catalog owner', OWNER],
    ['an Access package manager', MANAGER],
  ])('%s may not', (_who, actor) => {
    given().when(create(), { actor }).thenRefused('catalog.forbidden', {
      kind: 'forbidden',
      message: 'needs Catalog creator, or User administrator',
    })
  })
  it('a service leaves it without an owner', () => {
    given()
      .when(create(), { actor: USER_ADMINISTRATOR }, service('hr'))
      .thenEvents([created(null)])
  })
  it('refuses an id that is taken, or kept', () => {
    given(created()).when(create(), { actor: CREATOR }).thenRefused('catalog.already-exists')
    given()
      .when(create('default'), { actor: USER_ADMINISTRATOR })
      .thenRefused('catalog.reserved-id')
  })
  it('lets the engine make the built-in one, once, and no other', () => {
    given()
      .when(create('default'), { actor: NO_ROLES }, ENGINE_ACTOR)
      .thenEvents([created(null, 'default')])
    given(created(null, 'default'))
      .when(create('default'), { actor: NO_ROLES }, ENGINE_ACTOR)
      .thenNothing()
    given().when(create(), { actor: NO_ROLES }, ENGINE_ACTOR).thenRefused('catalog.forbidden')
  })
})

describe('managing a catalog', () => {
  const commands: readonly CatalogCommand[] = [
    { type: 'RenameCatalog', catalogId, displayName: 'New', description: '' },
    { type: 'AddCatalogOwner', catalogId, personId: 'pia' },
    { type: 'RemoveCatalogOwner', catalogId, personId: 'olga' },
    { type: 'AddPackageManager', catalogId, personId: 'pia' },
    { type: 'RemovePackageManager', catalogId, personId: 'max' },
    { type: 'AddResource', catalogId, resourceId: 'repo' },
    { type: 'RemoveResource', catalogId, resourceId: 'old' },
  ]
  const history = [created(), ownerAdded('otto'), managerAdded('max'), resourceAdded('old')]
  const facts = { personExists: true, resource: { exists: true, ownedByActor: true } }

  for (const command of commands) {
    it(`${command.type}: its owners and User administrators only`, () => {
      for (const actor of [OWNER, USER_ADMINISTRATOR]) {
        const { decision } = given(...history).when(command, { ...facts, actor })
        expect(decision.ok && decision.events).toHaveLength(1)
      }
      given(...history)
        .when(command, { ...facts, actor: MANAGER })
        .thenRefused('catalog.forbidden', {
          kind: 'forbidden',
          message: 'needs Catalog owner of Infra, or User administrator',
        })
    })
    it(`${command.type}: who has no role there doesn't learn whether there is such a catalog`, () => {
      for (const actor of [NO_ROLES, CREATOR]) {
        const there = given(...history).when(command, { ...facts, actor })
        there.thenRefused('catalog.forbidden', {
          kind: 'forbidden',
          message: 'needs Catalog owner of the catalog, or User administrator',
        })
        expect(given().when(command, { ...facts, actor }).decision).toEqual(there.decision)
      }
      given()
        .when(command, { ...facts, actor: USER_ADMINISTRATOR })
        .thenRefused('catalog.not-found', { kind: 'not-found' })
    })
  }

  it('renames, unless nothing changes', () => {
    const rename = { type: 'RenameCatalog', catalogId, description: 'Servers' } as const
    given(created())
      .when({ ...rename, displayName: 'Ops' })
      .thenEvents([
        {
          type: 'CatalogRenamed.v1',
          data: { catalogId, displayName: 'Ops', description: 'Servers' },
        },
      ])
    given(created())
      .when({ ...rename, displayName: 'Infra' })
      .thenNothing()
    const nothing = { displayName: null, description: null }
    given(created())
      .when({ ...rename, ...nothing, description: 'New' })
      .thenEvents([
        {
          type: 'CatalogRenamed.v1',
          data: { catalogId, displayName: 'Infra', description: 'New' },
        },
      ])
    given(created())
      .when({ ...rename, ...nothing })
      .thenNothing()
  })
  it('adds owners that exist, each once', () => {
    const add = { type: 'AddCatalogOwner', catalogId, personId: 'pia' } as const
    given(created())
      .when(add, { personExists: true })
      .thenEvents([ownerAdded('pia')])
    given(created()).when(add, { personExists: false }).thenRefused('catalog.person-not-found')
    given(created(), ownerAdded('pia')).when(add, { personExists: true }).thenNothing()
  })
  it('removes owners, never the last (S1)', () => {
    const remove = (personId: string) =>
      ({ type: 'RemoveCatalogOwner', catalogId, personId }) as const
    given(created(), ownerAdded('pia'))
      .when(remove('olga'))
      .thenEvents([{ type: 'CatalogOwnerRemoved.v1', data: { catalogId, personId: 'olga' } }])
    given(created()).when(remove('olga')).thenRefused('catalog.last-owner')
    given(created()).when(remove('pia')).thenNothing()
  })
  it('adds and removes package managers', () => {
    const change = { catalogId, personId: 'pia' } as const
    given(created())
      .when({ type: 'AddPackageManager', ...change }, { personExists: true })
      .thenEvents([managerAdded('pia')])
    given(created(), managerAdded('pia'))
      .when({ type: 'AddPackageManager', ...change })
      .thenNothing()
    given(created())
      .when({ type: 'AddPackageManager', ...change })
      .thenRefused('catalog.person-not-found')
    given(created(), managerAdded('pia'))
      .when({ type: 'RemovePackageManager', ...change })
      .thenEvents([{ type: 'PackageManagerRemoved.v1', data: change }])
    given(created())
      .when({ type: 'RemovePackageManager', ...change })
      .thenNothing()
  })
  it('adds resources: an owner only what they own, a User administrator any (S4)', () => {
    const add = { type: 'AddResource', catalogId, resourceId: 'repo' } as const
    const resource = { exists: true, ownedByActor: false }
    given(created()).when(add, { resource }).thenRefused('catalog.resource-not-owned')
    given(created())
      .when(add, { resource: { exists: true, ownedByActor: true } })
      .thenEvents([resourceAdded('repo')])
    given(created())
      .when(add, { actor: USER_ADMINISTRATOR, resource })
      .thenEvents([resourceAdded('repo')])
    // Whose it isn't doesn't learn whether there is such a resource.
    const none = { resource: { exists: false, ownedByActor: false } }
    expect(given(created()).when(add, none).decision).toEqual(
      given(created()).when(add, { resource }).decision,
    )
    given(created())
      .when(add, { ...none, actor: USER_ADMINISTRATOR })
      .thenRefused('catalog.resource-not-found')
    given(created(), resourceAdded('repo'))
      .when(add, { actor: USER_ADMINISTRATOR, resource })
      .thenNothing()
  })
  it('removes resources that are there', () => {
    const remove = { type: 'RemoveResource', catalogId, resourceId: 'repo' } as const
    given(created()).when(remove).thenNothing()
    given(created(), resourceAdded('repo'))
      .when(remove)
      .thenEvents([
        { type: 'ResourceRemovedFromCatalog.v1', data: { catalogId, resourceId: 'repo' } },
      ])
  })
  it('tells a person’s roles here', () => {
    const { state } = given(created(), managerAdded('olga'), managerAdded('max')).when(create())
    expect(catalogRolesOf(state, 'olga')).toEqual(['CatalogOwner', 'AccessPackageManager'])
    expect(catalogRolesOf(state, 'max')).toEqual(['AccessPackageManager'])
    expect(catalogRolesOf(state, 'eve')).toEqual([])
  })
})
