import { parseSync } from 'oxc-parser'

/** One `import`, `export … from` or `import()` of a source file. */
export interface ModuleImport {
  readonly specifier: string
  /** True when it is gone once types are stripped. */
  readonly typeOnly: boolean
  /** From 1. */
  readonly line: number
}

export interface SourceModule {
  /** From the root of the checkout. */
  readonly file: string
  readonly imports: readonly ModuleImport[]
}

// `import { type A } from 'a'` isn't: stripped of its types, it still runs the module.
const TYPE_ONLY = /^(?:import|export)\s+type\b(?!\s+from\b)/

/**
 * Reads what a TypeScript file imports, without resolving anything.
 * @throws SyntaxError with file and message when the file can't be parsed, or when an `import()` isn't of a literal,
 *   which no check could follow
 */
export const moduleImports = (file: string, source: string): readonly ModuleImport[] => {
  const parsed = parseSync(file, source)
  const [error] = parsed.errors
  if (error !== undefined) throw new SyntaxError(`${file}: ${error.message}`)
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length
  const found: ModuleImport[] = []
  for (const statement of parsed.module.staticImports) {
    found.push({
      specifier: statement.moduleRequest.value,
      typeOnly: TYPE_ONLY.test(source.slice(statement.start, statement.end)),
      line: lineAt(statement.start),
    })
  }
  for (const statement of parsed.module.staticExports) {
    const [first] = statement.entries
    const request = first?.moduleRequest
    if (request === null || request === undefined) continue
    found.push({
      specifier: request.value,
      typeOnly: TYPE_ONLY.test(source.slice(statement.start, statement.end)),
      line: lineAt(statement.start),
    })
  }
  for (const expression of parsed.module.dynamicImports) {
    const text = source.slice(expression.moduleRequest.start, expression.moduleRequest.end)
    const literal = /^(['"`])([^$]*)\1$/.exec(text)?.[2]
    if (literal === undefined) {
      throw new SyntaxError(
        `${file}:${lineAt(expression.start)}: import(${text}) is not of a literal`,
      )
    }
    found.push({ specifier: literal, typeOnly: false, line: lineAt(expression.start) })
  }
  return found
}
