import { describe, expect, it } from 'vitest'
import { moduleImports } from './moduleImports.ts'

describe('moduleImports', () => {
  it('finds imports, re-exports and import() with their lines', () => {
    const source = [
      "import { a } from 'a'",
      "import 'b'",
      "export * from './c.ts'",
      "export { d } from 'd'",
      'export const e = 1',
      "const f = await import('f')",
    ].join('\n')
    expect(moduleImports('x.ts', source)).toEqual([
      { specifier: 'a', typeOnly: false, line: 1 },
      { specifier: 'b', typeOnly: false, line: 2 },
      { specifier: './c.ts', typeOnly: false, line: 3 },
      { specifier: 'd', typeOnly: false, line: 4 },
      { specifier: 'f', typeOnly: false, line: 6 },
    ])
  })

  it.each([
    ["import type { A } from 'a'", true],
    ["export type { A } from 'a'", true],
    ["export type * from 'a'", true],
    ["import { type A } from 'a'", false],
    ["import type from 'a'", false],
  ])('%s is gone at run time: %s', (source, typeOnly) => {
    expect(moduleImports('x.ts', source)).toEqual([{ specifier: 'a', typeOnly, line: 1 }])
  })

  it('refuses an import() that nobody can follow', () => {
    const name = '$' + '{name}'
    expect(() => moduleImports('x.ts', `\nawait import(\`./${name}.ts\`)`)).toThrow(
      'x.ts:2: import(',
    )
  })

  it('names the file that cannot be parsed', () => {
    expect(() => moduleImports('x.ts', 'const = 1')).toThrow(/^x\.ts: /)
  })
})
