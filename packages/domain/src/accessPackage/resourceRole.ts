/** A role of a resource: what a package confers. */
export interface ResourceRoleRef {
  readonly resourceId: string
  readonly roleId: string
}

export const sameRole = (left: ResourceRoleRef, right: ResourceRoleRef): boolean =>
  left.resourceId === right.resourceId && left.roleId === right.roleId
