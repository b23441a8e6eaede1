import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Workspace, WorkspacePackage } from './checkImports.ts'
import { moduleImports, type SourceModule } from './moduleImports.ts'
import { packageRules } from './packageRules.ts'

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const FOLDERS = ['packages/*', 'services/*', 'suites', 'bench', 'tooling']

/** Reads every package.json and every TypeScript source of the checkout at `root`. */
export const readWorkspace = (root: string): Workspace => {
  const find = (pattern: string): readonly string[] =>
    globSync(pattern, { cwd: root }).map((file) => file.split(sep).join('/'))
  const manifestOf = (folder: string): Manifest =>
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const packages: WorkspacePackage[] = []
  const modules: SourceModule[] = []
  for (const folder of FOLDERS.flatMap((pattern) => find(`${pattern}/package.json`))) {
    const path = folder.replace(/\/package\.json$/, '')
    const manifest = manifestOf(path)
    packages.push({
      name: manifest.name.replace('@portcullis/', ''),
      folder: path,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
      exports: Object.keys(manifest.exports ?? {}),
    })
    for (const file of find(`${path}/src/**/*.ts`)) {
      modules.push({ file, imports: moduleImports(file, readFileSync(join(root, file), 'utf8')) })
    }
  }
  return {
    packages,
    modules,
    rules: packageRules,
    sharedDevDependencies: Object.keys(manifestOf('.').devDependencies ?? {}),
  }
}
