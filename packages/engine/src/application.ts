import type { Actor, Position, Refusal } from '@portcullis/core'
import type { Person } from '@portcullis/directory'
import type {
  AccessPackageCommand,
  CatalogCommand,
  DirectoryRole,
  EntitlementCommand,
  PolicyApplication,
} from '@portcullis/domain'
import type {
  AssignmentStatus,
  AssignmentView,
  CatalogView,
  GrantView,
  HistoryEntry,
  PackageView,
  Page,
  ProjectionStatus,
  RequestStatus,
  RequestView,
} from '@portcullis/views'

/** Who calls, as authentication found. */
export interface Caller {
  readonly actor: Actor
  /** Carried by a service's token. A user's come from the directory, never from the token: empty there. */
  readonly directoryRoles: readonly DirectoryRole[]
}

/** Commands that somebody outside may send; timers and reconcile have their own way in. */
export type OutsideCommand =
  | CatalogCommand
  | AccessPackageCommand
  | Extract<
      EntitlementCommand,
      {
        type:
          | 'SubmitRequest'
          | 'AssignDirectly'
          | 'RequestExtension'
          | 'DecideApproval'
          | 'CancelRequest'
          | 'RemoveAssignment'
      }
    >

export type CommandAnswer =
  | {
      readonly ok: true
      readonly commandId: string
      /** Queries asked `atLeast` this position show the effect. */
      readonly position: Position
      /** True when the command had been decided before; the answer is the one of then. */
      readonly repeated: boolean
      /** Ids of what the command made or changed, and its status right after. */
      readonly result: {
        readonly catalogId?: string
        readonly packageId?: string
        readonly policyId?: string
        readonly requestId?: string
        readonly assignmentId?: string | null
        readonly status?: string
        readonly endAt?: string | null
      }
    }
  | { readonly ok: false; readonly refusal: Refusal }

export interface ListOptions {
  /** 1 to 200. */
  readonly limit: number
  readonly cursor?: string
}

/** What the HTTP API and the CLI talk to. Each query checks what the actor may see (S3) and answers undefined for "not there, or not yours". */
export interface Application {
  execute(
    command: OutsideCommand,
    envelope: {
      readonly commandId: string
      readonly correlationId?: string
      readonly caller: Caller
    },
  ): Promise<CommandAnswer>

  /** Waits until every view shows that position; throws ViewsLagging after `timeoutMs`. */
  waitFor(position: Position, timeoutMs: number): Promise<void>

  whoAmI(
    caller: Caller,
  ): Promise<{ readonly person: Person | null; readonly groupIds: readonly string[] }>
  catalogs(caller: Caller, options: ListOptions): Promise<Page<CatalogView>>
  catalog(caller: Caller, id: string): Promise<CatalogView | undefined>
  /** Packages that the actor manages. */
  packages(
    caller: Caller,
    options: ListOptions & { readonly catalogId?: string },
  ): Promise<Page<PackageView>>
  package(caller: Caller, id: string): Promise<PackageView | undefined>
  /** Packages that the actor may request now (S23). */
  requestable(caller: Caller, options: ListOptions): Promise<Page<PackageView>>
  /** For a subject and a package: which policies were looked at and what each said. */
  why(
    caller: Caller,
    packageId: string,
    subjectId: string,
  ): Promise<readonly PolicyApplication[] | undefined>
  requests(
    caller: Caller,
    options: ListOptions & {
      readonly packageId?: string
      readonly subjectId?: string
      readonly status?: readonly RequestStatus[]
      /** Only those waiting for the actor's decision (S20). */
      readonly waitingForMe?: boolean
    },
  ): Promise<Page<RequestView>>
  request(
    caller: Caller,
    id: string,
  ): Promise<(RequestView & { readonly history: readonly HistoryEntry[] }) | undefined>
  assignments(
    caller: Caller,
    options: ListOptions & {
      readonly packageId?: string
      readonly subjectId?: string
      readonly status?: readonly AssignmentStatus[]
    },
  ): Promise<Page<AssignmentView>>
  assignment(
    caller: Caller,
    id: string,
  ): Promise<
    | (AssignmentView & {
        readonly roles: readonly GrantView[]
        readonly history: readonly HistoryEntry[]
      })
    | undefined
  >
  projections(): Promise<readonly ProjectionStatus[]>
}

/** The views didn't reach a position in time; the command itself is done. Ask again. */
export class ViewsLagging extends Error {
  readonly code = 'views.lagging'
  constructor(position: Position) {
    super(`the views have not reached position ${position} yet; ask again in a moment`)
    this.name = 'ViewsLagging'
  }
}
