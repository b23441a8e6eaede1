import type { CatalogRole, Standing } from './standings.ts'

/** One row of the permission matrix (S3): what a command or query takes. */
export interface PermissionRow {
  /** Completes "to …": `rename this catalog`. */
  readonly action: string
  /** Code of the refusal. */
  readonly code: string
  /** Any one of these is enough. */
  readonly enough: readonly Standing[]
  /** The same in the built-in catalog, where that differs (S2). */
  readonly enoughInDefault?: readonly Standing[]
  /** What to do instead, where no role would be enough. */
  readonly instead?: string
}

export type QueryRow = PermissionRow & {
  /**
   * `one`: one thing, and "not found" for anybody who may not see it, so that nobody learns what exists.
   * `list`: what the caller may see, which may be nothing. `whole`: refused to anybody who has no such role.
   */
  readonly answers: 'one' | 'list' | 'whole'
}

/** Makes rows that are refused under the same code. */
export const rowsOf =
  (code: string) =>
  (
    action: string,
    enough: readonly Standing[],
    more: Pick<PermissionRow, 'enoughInDefault' | 'instead'> = {},
  ): PermissionRow => ({ action, code, enough, ...more })

/** Who manages a catalog (S1, S3, S4). */
export const CATALOG_OWNERS = ['CatalogOwner', 'UserAdministrator'] as const
/** Who manages the packages of a catalog, their assignments and their requests (S2, S3, S18 to S25). */
export const PACKAGE_MANAGERS = [
  'AccessPackageManager',
  'CatalogOwner',
  'UserAdministrator',
] as const

export const isCatalogRole = (standing: Standing): standing is CatalogRole =>
  standing === 'CatalogOwner' || standing === 'AccessPackageManager'
