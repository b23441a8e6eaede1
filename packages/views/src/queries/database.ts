import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { catalogs } from '../catalogs/catalogs.tables.ts'
import { assignments, requests } from '../entitlements/entitlements.tables.ts'
import { grants } from '../grants/grants.tables.ts'
import { packages } from '../packages/packages.tables.ts'
import { LIVE_SCHEMA } from '../projections/names.ts'
import type { FoldedTable, Row } from '../projector/foldTable.ts'
import type {
  AssignmentView,
  CatalogView,
  DeadlineView,
  FindingKind,
  GrantView,
  PackageView,
  ProgressView,
  RequestView,
} from '../rows.ts'

type SnakeCase<Field extends string> = Field extends `${infer First}${infer Rest}`
  ? First extends Uppercase<First>
    ? First extends Lowercase<First>
      ? `${First}${SnakeCase<Rest>}`
      : `_${Lowercase<First>}${SnakeCase<Rest>}`
    : `${First}${SnakeCase<Rest>}`
  : Field

/** A row as the table holds it: the view's fields under column names, and `seq`, which comes as text. */
type Stored<View> = { readonly [Field in keyof View & string as SnakeCase<Field>]: View[Field] } & {
  readonly seq: string
}

type StoredPackage = Stored<PackageView> & {
  readonly requestors: readonly string[]
  readonly updated_at: string
  readonly started_roles: PackageView['resourceRoles']
  readonly started_version: number
  readonly paused: boolean
  readonly waiting: 'queued' | 'held' | null
  readonly alike: readonly number[]
}

/** The plain-named SQL views. */
export interface ViewsDatabase {
  readonly catalogs: Stored<CatalogView> & { readonly member_ids: readonly string[] }
  /** Without the deleted ones. */
  readonly packages: StoredPackage
  readonly all_packages: StoredPackage
  readonly requests: Stored<RequestView> & { readonly open_approvers: readonly string[] | null }
  readonly assignments: Stored<AssignmentView> & {
    readonly active: boolean
    readonly ongoing: boolean
    readonly ended: boolean
  }
  readonly progress: Stored<ProgressView>
  readonly grants: Stored<GrantView> & {
    readonly account_id: string | null
    readonly known: boolean
    readonly wait: string | null
    readonly failing_since: string | null
    readonly open_since: string | null
    readonly ended_at: string | null
    readonly released_ids: readonly string[]
  }
  readonly removals: {
    readonly resource_id: string
    readonly removed_at: string
    readonly lag_millis: string
  }
  readonly grant_holds: {
    readonly id: string
    readonly assignment_id: string
    readonly grant_id: string
    readonly held: boolean
    readonly conferred: boolean
    readonly updated_at: string
  }
  /** In a schema of its own: no view of the log. */
  readonly findings: {
    readonly kind: FindingKind
    readonly key: string
    readonly seq: string
    readonly since: string
    readonly package_id: string | null
    readonly subject_id: string | null
    readonly resource_id: string | null
    readonly role_id: string | null
    readonly assignment_ids: readonly string[]
    readonly request_ids: readonly string[]
    readonly code: string
    readonly message: string
  }
  readonly deadlines: {
    readonly [Field in keyof DeadlineView as SnakeCase<Field>]: DeadlineView[Field]
  }
}

/** Statements over the live views. Never destroyed: the pool belongs to the caller. */
export type ViewsSql = Kysely<ViewsDatabase>

export const viewsSql = (pool: pg.Pool): ViewsSql =>
  new Kysely<ViewsDatabase>({ dialect: new PostgresDialect({ pool }) }).withSchema(LIVE_SCHEMA)

/** A field of a view by the name that is answered: what Kysely selects by. */
type Selected<Table extends string, View> = {
  [Field in keyof View & string]: SnakeCase<Field> extends Field
    ? `${Table}.${Field}`
    : `${Table}.${SnakeCase<Field>} as ${Field}`
}[keyof View & string]

/** What is selected for a view: its fields, in the order of its table's columns. */
const fieldsOf = <Table extends string, View extends { readonly id: string }, State extends object>(
  name: Table,
  { columns }: FoldedTable<Row<View, State>>,
): readonly Selected<Table, View>[] =>
  columns
    .flatMap(({ name: column, field }) => (field?.[0] === 'view' ? [[column, field[1]]] : []))
    .map(
      ([column, field]) =>
        // `rowColumns` makes a column of each field of the view, and names it after the field.
        `${name}.${column === field ? column : `${column} as ${field}`}` as Selected<Table, View>,
    )

export const CATALOG = fieldsOf('catalogs', catalogs)
export const PACKAGE = fieldsOf('packages', packages)
export const REQUEST = fieldsOf('requests', requests)
export const ASSIGNMENT = fieldsOf('assignments', assignments)
export const GRANT = fieldsOf('grants', grants)
