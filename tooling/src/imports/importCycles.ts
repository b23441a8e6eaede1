import { posix } from 'node:path'
import type { SourceModule } from './moduleImports.ts'

/**
 * Circles among files that import each other at run time by relative paths; types don't count, they are gone by then.
 * @returns each circle once, as the files on the way round, the first one again at the end
 */
export const importCycles = (modules: readonly SourceModule[]): readonly (readonly string[])[] => {
  const targets = new Map(
    modules.map((module) => [
      module.file,
      module.imports
        .filter((entry) => entry.specifier.startsWith('.') && !entry.typeOnly)
        .map((entry) => posix.join(posix.dirname(module.file), entry.specifier)),
    ]),
  )
  const cycles: (readonly string[])[] = []
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file)
    if (start >= 0) {
      cycles.push([...way.slice(start), file])
      return
    }
    if (done.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...way, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return cycles
}
