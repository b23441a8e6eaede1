export * from './directory.ts'
export {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importDirectory,
} from './import/importDirectory.ts'
export { DirectoryImportError, type ImportProblem, problemText } from './import/problems.ts'
export { BadDirectoryCursor } from './lists.ts'
export { createDirectory } from './lookups.ts'
export { migrateDirectory } from './migrations.ts'
