import type { ActorFacts } from '../permissions/standings.ts'

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
  /**
   * RemovePolicy, DeleteAccessPackage: what the policy or the package is still used for; null for the other commands.
   */
  readonly use: PackageUse | null
  /**
   * PauseRollOut: does anybody who has the package wait for the roles of the version that has started to roll out? Null
   * for the other commands.
   */
  readonly rollingOut: boolean | null
}
