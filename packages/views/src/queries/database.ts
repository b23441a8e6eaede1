import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { LIVE_SCHEMA } from '../projections/names.ts'
import type {
  AssignmentStatus,
  AssignmentView,
  CatalogView,
  DeadlineKind,
  GrantView,
  PackageView,
  RequestStatus,
  RequestView,
} from '../rows.ts'

/** The plain-named SQL views, with the columns that queries use. `view` is the row as it is answered. */
interface Listed<View> {
  readonly id: string
  /** int8 comes as text. */
  readonly seq: string
  readonly view: View
}

interface CatalogsTable extends Listed<CatalogView> {
  readonly member_ids: readonly string[]
}

interface PackagesTable extends Listed<PackageView> {
  readonly catalog_id: string
  readonly hidden: boolean
  readonly roles_version: number
  readonly requestors: readonly string[]
  readonly updated_at: string
}

interface RequestsTable extends Listed<RequestView> {
  readonly package_id: string
  readonly subject_id: string
  readonly requestor_id: string
  readonly status: RequestStatus
  readonly approvers: readonly string[] | null
}

interface AssignmentsTable extends Listed<AssignmentView> {
  readonly entitlement_id: string
  readonly package_id: string
  readonly subject_id: string
  readonly status: AssignmentStatus
  readonly active: boolean
  readonly ended: boolean
  readonly settled: boolean
  readonly roles_version: number
  readonly updated_at: string
}

interface GrantsTable extends Listed<GrantView> {
  readonly subject_id: string
  readonly settled: boolean
  readonly lease_until: string | null
  readonly wait: string | null
  readonly updated_at: string
}

interface GrantHoldsTable {
  readonly assignment_id: string
  readonly grant_id: string
  readonly held: boolean
  readonly updated_at: string
}

interface DeadlinesTable {
  readonly key: string
  readonly kind: DeadlineKind
  readonly due_at: string
  readonly stream: string
}

export interface ViewsDatabase {
  readonly catalogs: CatalogsTable
  readonly packages: PackagesTable
  readonly requests: RequestsTable
  readonly assignments: AssignmentsTable
  readonly grants: GrantsTable
  readonly grant_holds: GrantHoldsTable
  readonly deadlines: DeadlinesTable
}

/** Statements over the live views. Never destroyed: the pool belongs to the caller. */
export type ViewsSql = Kysely<ViewsDatabase>

export const viewsSql = (pool: pg.Pool): ViewsSql =>
  new Kysely<ViewsDatabase>({ dialect: new PostgresDialect({ pool }) }).withSchema(LIVE_SCHEMA)
