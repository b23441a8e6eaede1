import type {
  AccessPackageCommand,
  CatalogCommand,
  EngineOnlyCommand,
  EntitlementCommand,
  LeaversCommand,
} from '@portcullis/domain'
import type { FulfilmentCommand } from './fulfilment.ts'
import type { ReprocessCommand } from './reprocess.ts'
import type { ReprocessFailedCommand } from './reprocessFailed.ts'
import type { DriftCommand } from './startScan.ts'

/**
 * Commands that somebody outside may send: all but those that the permission matrix keeps for the engine, whose timers
 * and reconcile have their own way in.
 */
export type OutsideCommand =
  | Exclude<
      CatalogCommand | AccessPackageCommand | EntitlementCommand | LeaversCommand,
      { readonly type: EngineOnlyCommand }
    >
  | ReprocessCommand
  | FulfilmentCommand
  | ReprocessFailedCommand
  | DriftCommand
