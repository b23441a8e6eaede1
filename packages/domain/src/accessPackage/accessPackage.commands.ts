import type { ActorFacts } from '../authorisation.ts'
import type { PolicyTerms } from '../policyTerms.ts'

export interface ResourceRoleRef {
  readonly resourceId: string
  readonly roleId: string
}

export interface NewPolicy {
  readonly policyId: string
  readonly enabled: boolean
  readonly terms: PolicyTerms
}

export type AccessPackageCommand =
  | {
      readonly type: 'CreateAccessPackage'
      readonly packageId: string
      readonly catalogId: string
      readonly displayName: string
      readonly description: string
      readonly hidden: boolean
      /** All or nothing with the package (S17). */
      readonly resourceRoles: readonly ResourceRoleRef[]
      readonly policies: readonly NewPolicy[]
    }
  | {
      readonly type: 'RenameAccessPackage'
      readonly packageId: string
      readonly displayName: string
      readonly description: string
    }
  | { readonly type: 'HideAccessPackage'; readonly packageId: string }
  | { readonly type: 'ShowAccessPackage'; readonly packageId: string }
  | ({ readonly type: 'AddResourceRole'; readonly packageId: string } & ResourceRoleRef)
  | ({ readonly type: 'RemoveResourceRole'; readonly packageId: string } & ResourceRoleRef)
  | ({ readonly type: 'AddPolicy'; readonly packageId: string } & NewPolicy)
  | {
      readonly type: 'ChangePolicy'
      readonly packageId: string
      readonly policyId: string
      readonly terms: PolicyTerms
    }
  | { readonly type: 'EnablePolicy'; readonly packageId: string; readonly policyId: string }
  | { readonly type: 'DisablePolicy'; readonly packageId: string; readonly policyId: string }

export interface AccessPackageFacts {
  /** Roles in the package's catalog. */
  readonly actor: ActorFacts
  /** The package's catalog: for CreateAccessPackage the one that the command names. */
  readonly catalog: { readonly exists: boolean; readonly resourceIds: readonly string[] }
  /** Each resource that the command names, as the directory knows it. */
  readonly resources: readonly {
    readonly resourceId: string
    readonly exists: boolean
    readonly roleIds: readonly string[]
  }[]
  /** Users, groups and external directories named by the command's policies that the directory doesn't know. */
  readonly unknownPrincipals: readonly { readonly kind: string; readonly id: string }[]
  /** External directories named by the policies that the collaboration restrictions don't allow (S8). */
  readonly refusedDirectories: readonly string[]
}
