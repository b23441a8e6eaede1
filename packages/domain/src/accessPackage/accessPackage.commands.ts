import type { CreateAccessPackage } from './accessPackage.create.ts'
import type { DeleteAccessPackage, EditAccessPackage } from './accessPackage.edit.ts'
import type {
  AddPolicy,
  ChangePolicy,
  RemovePolicy,
  SwitchPolicy,
} from './accessPackage.policyChanges.ts'
import type { AddResourceRole, RemoveResourceRole } from './accessPackage.roles.ts'
import type { ControlRollOut, StartRollOut } from './accessPackage.rollOutControl.ts'

/** Each is declared beside the function that decides it. */
export type AccessPackageCommand =
  | CreateAccessPackage
  | EditAccessPackage
  | AddResourceRole
  | RemoveResourceRole
  | StartRollOut
  | ControlRollOut
  | AddPolicy
  | ChangePolicy
  | SwitchPolicy
  | RemovePolicy
  | DeleteAccessPackage
