import type { ActorFacts } from '../permissions/standings.ts'
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

/** When a change of roles goes out to those who have the package already (S5, S6): by itself, which is what absent means, or once somebody releases it. */
export interface RollOutChoice {
  readonly rollOut?: 'now' | 'held'
}

export type RollOutControl = 'PauseRollOut' | 'ResumeRollOut' | 'ReleaseRollOut' | 'CancelRollOut'

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
      readonly type: 'EditAccessPackage'
      readonly packageId: string
      /** Null leaves as it is; this and the next two. */
      readonly displayName: string | null
      readonly description: string | null
      readonly hidden: boolean | null
    }
  | ({ readonly type: 'AddResourceRole'; readonly packageId: string } & ResourceRoleRef &
      RollOutChoice)
  | ({ readonly type: 'RemoveResourceRole'; readonly packageId: string } & ResourceRoleRef &
      RollOutChoice)
  | { readonly type: RollOutControl | 'StartRollOut'; readonly packageId: string }
  | ({ readonly type: 'AddPolicy'; readonly packageId: string } & NewPolicy)
  | {
      readonly type: 'ChangePolicy'
      readonly packageId: string
      readonly policyId: string
      readonly terms: PolicyTerms
    }
  | { readonly type: 'EnablePolicy'; readonly packageId: string; readonly policyId: string }
  | { readonly type: 'DisablePolicy'; readonly packageId: string; readonly policyId: string }
  | { readonly type: 'RemovePolicy'; readonly packageId: string; readonly policyId: string }
  | { readonly type: 'DeleteAccessPackage'; readonly packageId: string }

/** How many assignments and requests, by status, a package or one of its policies has that aren't over. */
export interface PackageUse {
  readonly delivering: number
  readonly delivered: number
  readonly partiallyDelivered: number
  readonly scheduled: number
  readonly pendingRequests: number
}

export interface AccessPackageFacts {
  /** Roles in the package's catalog. */
  readonly actor: ActorFacts
  /** The package's catalog: for CreateAccessPackage the one that the command names. */
  readonly catalog: {
    readonly exists: boolean
    readonly displayName: string
    readonly resourceIds: readonly string[]
  }
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
  /** RemovePolicy, DeleteAccessPackage: what the policy or the package is still used for; null for the other commands. */
  readonly use: PackageUse | null
  /** PauseRollOut: does anybody who has the package wait for the roles of the version that has started to go out? Null for the other commands. */
  readonly rollingOut: boolean | null
}
