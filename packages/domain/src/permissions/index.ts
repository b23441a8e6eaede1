export {
  COMMAND_PERMISSIONS,
  type EngineOnlyCommand,
  FINER_PERMISSIONS,
} from './commandPermissions.ts'
export * from './permissions.ts'
export { QUERY_PERMISSIONS } from './queryPermissions.ts'
export type { PermissionRow, QueryRow } from './row.ts'
export * from './standings.ts'
