import type { ReportDrift } from './grant.drift.ts'
import type { AwaitFulfilment, ReportFulfilment } from './grant.fulfilment.ts'
import type { AddHold, ReleaseHold } from './grant.holds.ts'
import type { ReportUnreachable, RetryNow, StartOperation } from './grant.operation.ts'
import type { CompleteOperation, FailOperation } from './grant.outcome.ts'

/** Each is declared beside the function that decides it. */
export type GrantCommand =
  | AddHold
  | ReleaseHold
  | StartOperation
  | CompleteOperation
  | FailOperation
  | ReportUnreachable
  | ReportDrift
  | AwaitFulfilment
  | ReportFulfilment
  | RetryNow
