import { posix } from 'node:path'
import { importCycles } from './importCycles.ts'
import type { ModuleImport, SourceModule } from './moduleImports.ts'
import type { PackageRule } from './packageRules.ts'

/** A package of the workspace, as its package.json describes it. */
export interface WorkspacePackage {
  /** Without `@portcullis/`. */
  readonly name: string
  /** From the root of the checkout: `packages/core`. */
  readonly folder: string
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** Keys of `exports`: `.`, `./testing`. */
  readonly exports: readonly string[]
}

export interface Workspace {
  readonly packages: readonly WorkspacePackage[]
  readonly modules: readonly SourceModule[]
  readonly rules: Readonly<Record<string, PackageRule>>
  /** devDependencies of the root, which every spec may use, and everything that is gone at run time. */
  readonly sharedDevDependencies: readonly string[]
}

const SCOPE = '@portcullis/'
// What only tests and measurements load.
const TEST_SUPPORT = /\.(?:spec|fixture|contract)\.ts$|\/(?:testing|contracts)\/|^bench\//

/**
 * @returns a sentence for each import that breaks a rule of `packageRules`, starting with `file:line`; empty when all
 *   is well
 */
export const checkImports = (workspace: Workspace): readonly string[] => {
  const problems: string[] = []
  for (const { name, folder } of workspace.packages) {
    if (workspace.rules[name] === undefined) {
      problems.push(`${folder}: has no row in tooling/src/imports/packageRules.ts`)
    }
  }
  for (const module of workspace.modules) {
    const owner = workspace.packages.find(({ folder }) => module.file.startsWith(`${folder}/`))
    const rule = owner === undefined ? undefined : workspace.rules[owner.name]
    if (owner === undefined || rule === undefined) continue
    for (const entry of module.imports) {
      const problem = entry.specifier.startsWith('.')
        ? relativeProblem(module.file, entry, owner, workspace)
        : packageProblem(module.file, entry, owner, rule, workspace)
      if (problem !== undefined) problems.push(`${module.file}:${entry.line}: ${problem}`)
    }
  }
  for (const cycle of importCycles(workspace.modules)) {
    problems.push(`${cycle[0]}: imports itself in a circle: ${cycle.join(' → ')}`)
  }
  return problems
}

const relativeProblem = (
  file: string,
  { specifier }: ModuleImport,
  owner: WorkspacePackage,
  { modules }: Workspace,
): string | undefined => {
  const target = posix.join(posix.dirname(file), specifier)
  if (!target.startsWith(`${owner.folder}/`)) {
    return `"${specifier}" leaves the package; import it by its package name`
  }
  if (!target.endsWith('.ts')) return undefined
  return modules.some((module) => module.file === target)
    ? undefined
    : `"${specifier}" does not exist`
}

const packageProblem = (
  file: string,
  { specifier, typeOnly }: ModuleImport,
  owner: WorkspacePackage,
  rule: PackageRule,
  workspace: Workspace,
): string | undefined => {
  const forTests = TEST_SUPPORT.test(file)
  if (specifier.startsWith('node:')) {
    return rule.only === undefined || forTests
      ? undefined
      : `"${specifier}": ${owner.name} is pure and uses nothing of Node`
  }
  const dependency = dependencyName(specifier)
  if (dependency === SCOPE + owner.name) {
    return `"${specifier}" is the package itself; import the file by its relative path`
  }
  if (specifier.startsWith(SCOPE)) {
    const problem = workspaceProblem(specifier, rule, forTests, workspace)
    if (problem !== undefined) return problem
  } else if (rule.only !== undefined && !forTests) {
    const allowed = rule.only.find((entry) => entry.specifier === dependency)
    if (allowed === undefined) return `"${specifier}" is not for the pure package ${owner.name}`
    if (allowed.file !== undefined && file !== `${owner.folder}/${allowed.file}`) {
      return `"${specifier}" is for ${allowed.file} only`
    }
  }
  const mayUse = [...owner.dependencies]
  if (forTests || typeOnly) {
    mayUse.push(...owner.devDependencies, ...workspace.sharedDevDependencies)
  }
  return mayUse.includes(dependency)
    ? undefined
    : `"${specifier}" is not listed in the ${forTests ? 'devDependencies' : 'dependencies'} of ${owner.folder}/package.json`
}

const workspaceProblem = (
  specifier: string,
  rule: PackageRule,
  forTests: boolean,
  { packages }: Workspace,
): string | undefined => {
  const [, name = '', ...inside] = specifier.split('/')
  const target = packages.find((candidate) => candidate.name === name)
  if (target === undefined) return `"${specifier}" is not a package of this workspace`
  const allowed = forTests ? [...rule.workspace, ...(rule.specs ?? [])] : rule.workspace
  const permitted =
    allowed.includes(name) ||
    allowed.includes('**') ||
    (allowed.includes('*') && target.folder.startsWith('packages/'))
  if (!permitted) {
    return `"${specifier}" is against the direction of dependencies (allowed: ${allowed.join(', ') || 'none'})`
  }
  const entry = ['.', ...inside].join('/')
  return target.exports.includes(entry)
    ? undefined
    : `"${specifier}" is inside ${target.folder}, which exports only ${target.exports.join(', ')}`
}

const dependencyName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
