export * from './directory.ts'
export { DirectoryImportHeld, type Hold } from './import/brake.ts'
export {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importDirectory,
} from './import/importDirectory.ts'
export {
  createImportLedger,
  type ImportFacts,
  type ImportLedger,
  type NotedImport,
} from './import/importLedger.ts'
export { allowedOf, DEFAULT_LIMITS, type RemovalLimits } from './import/limits.ts'
export type { RemovalKind } from './import/measures.ts'
export { DirectoryImportError, type ImportProblem, problemText } from './import/problems.ts'
export type { Removal } from './import/removals.ts'
export { BadDirectoryCursor } from './lists.ts'
export { createDirectory } from './lookups.ts'
export { migrateDirectory } from './migrations.ts'
