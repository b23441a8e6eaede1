import type { DecideApproval, TimeOutApproval } from './entitlement.approval.ts'
import type {
  ExpireAssignment,
  RemindOfEnd,
  RemoveAssignment,
  StartAssignment,
} from './entitlement.assignment.ts'
import type { CancelRequest } from './entitlement.cancel.ts'
import type { AssignDirectly } from './entitlement.direct.ts'
import type { RequestExtension } from './entitlement.extension.ts'
import type { RecordFulfilment } from './entitlement.fulfilment.ts'
import type { LookAtApprovers, LookAtSubject } from './entitlement.leaving.ts'
import type { SubmitRequest } from './entitlement.request.ts'
import type { EndWithPackage } from './entitlement.withPackage.ts'

/** Each is declared beside the function that decides it. */
export type EntitlementCommand =
  | SubmitRequest
  | AssignDirectly
  | RequestExtension
  | DecideApproval
  | TimeOutApproval
  | CancelRequest
  | StartAssignment
  | ExpireAssignment
  | RemoveAssignment
  | RemindOfEnd
  | LookAtSubject
  | LookAtApprovers
  | EndWithPackage
  | RecordFulfilment
