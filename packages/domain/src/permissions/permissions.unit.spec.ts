import { describe, expect, expectTypeOf, it } from 'vitest'
import type { AccessPackageCommand } from '../accessPackage/accessPackage.commands.ts'
import type { CatalogCommand } from '../catalog/catalog.commands.ts'
import type { LeaversCommand } from '../directory/leavers.decide.ts'
import type { EntitlementCommand } from '../entitlement/entitlement.commands.ts'
import type { GrantCommand } from '../grant/grant.commands.ts'
import { ENGINE_ACTOR, NO_ROLES, service, user } from '../testing/index.ts'
import {
  type CommandName,
  isPermitted,
  notPermitted,
  type QueryName,
  unlessPermitted,
} from './permissions.ts'
import { QUERY_PERMISSIONS } from './queryPermissions.ts'
import type { ActorFacts } from './standings.ts'

const catalog = { id: 'infra', displayName: 'Infra' }
const OWNER: ActorFacts = { directoryRoles: [], catalogRoles: ['CatalogOwner'], catalog }
const olga = user('olga')

const QUERIES = Object.keys(QUERY_PERMISSIONS) as readonly QueryName[]

type Decided =
  | CatalogCommand
  | AccessPackageCommand
  | EntitlementCommand
  | LeaversCommand
  // Sent by what asks for a delivery once more, which has rows of its own.
  | Exclude<GrantCommand, { type: 'RetryNow' }>

describe('the permission matrix (S3)', () => {
  it('has a row for each command, and none of a command that there is not', () => {
    expectTypeOf<CommandName>().toEqualTypeOf<
      | Decided['type']
      | 'ReprocessRequest'
      | 'ReprocessAssignment'
      | 'ReprocessPackage'
      | 'ReprocessEverything'
      | 'StartDriftScan'
    >()
  })

  it('lets a role through, and says nothing', () => {
    expect(unlessPermitted('RenameCatalog', olga, OWNER)).toBeUndefined()
  })

  it('names the roles that would have been enough, with the catalog that they are of to who has a role there', () => {
    const refusal = (of: string) => ({
      ok: false,
      refusal: {
        kind: 'forbidden',
        code: 'catalog.forbidden',
        message: `To rename this catalog the sender needs Catalog owner of ${of}, or User administrator; ask somebody who has that role.`,
        data: { enoughRoles: ['CatalogOwner', 'UserAdministrator'] },
      },
    })
    const manager: ActorFacts = { ...OWNER, catalogRoles: ['AccessPackageManager'] }
    expect(unlessPermitted('RenameCatalog', olga, manager)).toEqual(refusal('Infra'))
    for (const facts of [{ ...NO_ROLES, catalog }, NO_ROLES])
      expect(unlessPermitted('RenameCatalog', olga, facts)).toEqual(refusal('the catalog'))
  })

  it('names what one would have to be, where no role helps', () => {
    const message = ({ refusal }: ReturnType<typeof notPermitted>) => refusal.message
    expect(message(notPermitted('DecideApproval', NO_ROLES))).toBe(
      'To decide on this request the sender needs to be an approver of the request; ask one of them.',
    )
    expect(message(notPermitted('SubmitRequest', NO_ROLES))).toBe(
      'To request this access package for the subject the sender needs to be the subject, or a service; ask an administrator of the package to assign it directly.',
    )
    expect(message(notPermitted('RemoveAssignment', { ...NO_ROLES, catalog }))).toBe(
      'To remove this assignment the sender needs to be the subject, or Access package manager of the catalog, or Catalog owner of the catalog, or User administrator; ask somebody who has that role.',
    )
  })

  it('takes other roles in the built-in catalog for what S2 says so of', () => {
    const inDefault: ActorFacts = { ...OWNER, catalog: { id: 'default', displayName: 'Default' } }
    expect(isPermitted('CreateAccessPackage', olga, OWNER)).toBe(true)
    expect(isPermitted('CreateAccessPackage', olga, inDefault)).toBe(false)
    expect(isPermitted('AddPolicy', olga, inDefault)).toBe(true)
  })

  it('takes a relation for what it is: a service is no person of the same id', () => {
    const target = { subjectId: 'olga', requestorId: 'service:hr' }
    expect(isPermitted('RemoveAssignment', olga, NO_ROLES, target)).toBe(true)
    expect(isPermitted('RemoveAssignment', service('olga'), NO_ROLES, target)).toBe(false)
    expect(isPermitted('CancelRequest', service('hr'), NO_ROLES, target)).toBe(true)
    expect(isPermitted('CancelRequest', user('hr'), NO_ROLES, target)).toBe(false)
  })

  it('lets nobody but the engine send what timers and jobs send', () => {
    const admin: ActorFacts = { directoryRoles: ['UserAdministrator'], catalogRoles: [] }
    expect(isPermitted('ExpireAssignment', ENGINE_ACTOR, NO_ROLES)).toBe(true)
    for (const actor of [olga, service('hr')]) {
      expect(isPermitted('ExpireAssignment', actor, admin)).toBe(false)
    }
  })

  it('lets who reads metrics read those and nothing else that a role is for', () => {
    const reader: ActorFacts = { directoryRoles: ['MetricsReader'], catalogRoles: [] }
    const allowed = QUERIES.filter(
      (name) => isPermitted(name, olga, reader) && !isPermitted(name, olga, NO_ROLES),
    )
    expect(allowed).toEqual(['getMetrics'])
  })

  it('allows a disabled person nothing, whatever they are', () => {
    const facts: ActorFacts = { ...OWNER, disabled: true }
    expect(isPermitted('RenameCatalog', olga, facts)).toBe(false)
    expect(isPermitted('RemoveAssignment', olga, facts, { subjectId: 'olga' })).toBe(false)
    expect(isPermitted('getMe', olga, facts)).toBe(false)
  })
})
