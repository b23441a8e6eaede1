import { describe, expect, it } from 'vitest'
import { checkImports, type WorkspacePackage } from './checkImports.ts'
import { moduleImports, type SourceModule } from './moduleImports.ts'

const pkg = (
  name: string,
  folder: string,
  more: Partial<WorkspacePackage> = {},
): WorkspacePackage => ({
  name,
  folder,
  dependencies: [],
  devDependencies: [],
  exports: ['.'],
  ...more,
})

const packages = [
  pkg('core', 'packages/core', { dependencies: ['zod'], exports: ['.', './testing'] }),
  pkg('domain', 'packages/domain', { dependencies: ['@portcullis/core', 'luxon'] }),
  pkg('store', 'packages/store', {
    dependencies: ['@portcullis/core', 'pg'],
    devDependencies: ['@types/pg', '@portcullis/domain'],
  }),
  pkg('engine', 'packages/engine', { dependencies: ['@portcullis/store', '@portcullis/api'] }),
  pkg('api', 'services/api', { dependencies: ['@portcullis/engine'] }),
]

const rules = {
  core: { workspace: [], only: [{ specifier: 'zod' }] },
  domain: { workspace: ['core'], only: [{ specifier: 'luxon', file: 'src/time.ts' }] },
  store: { workspace: ['core'], specs: ['domain'] },
  engine: { workspace: ['*'] },
  api: { workspace: ['**'] },
}

const problemsOf = (files: Readonly<Record<string, string>>): readonly string[] => {
  const modules: readonly SourceModule[] = Object.entries(files).map(([file, source]) => ({
    file,
    imports: moduleImports(file, source),
  }))
  return checkImports({ packages, modules, rules, sharedDevDependencies: ['vitest'] })
}

describe('checkImports', () => {
  it('allows what follows the direction, is listed and is exported', () => {
    expect(
      problemsOf({
        'packages/core/src/index.ts': "import { z } from 'zod'",
        'packages/domain/src/time.ts': "import { DateTime } from 'luxon'",
        'packages/store/src/store.ts': "import pg from 'pg'\nimport { a } from '@portcullis/core'",
        'packages/engine/src/engine.ts': "import { a } from '@portcullis/store'",
        'services/api/src/api.ts':
          "import { a } from '@portcullis/engine'\nimport fs from 'node:fs'",
      }),
    ).toEqual([])
  })

  it.each([
    ['against the direction', 'packages/core/src/a.ts', "import '@portcullis/domain'", 'against'],
    [
      'even if only for types',
      'packages/core/src/a.ts',
      "import type { A } from '@portcullis/domain'",
      'against',
    ],
    ['a service from a package', 'packages/engine/src/a.ts', "import '@portcullis/api'", 'against'],
    [
      'the inside of another package',
      'packages/store/src/a.ts',
      "import '@portcullis/core/src/x.ts'",
      'exports only ., ./testing',
    ],
    [
      'another package by a path',
      'packages/store/src/a.ts',
      "import '../../core/src/index.ts'",
      'leaves the package',
    ],
    ['itself by name', 'packages/core/src/a.ts', "import '@portcullis/core'", 'the package itself'],
    ['Node in a pure package', 'packages/core/src/a.ts', "import 'node:fs'", 'is pure'],
    ['npm in a pure package', 'packages/core/src/a.ts', "import 'pg'", 'not for the pure package'],
    [
      'luxon outside of its file',
      'packages/domain/src/a.ts',
      "import 'luxon'",
      'is for src/time.ts only',
    ],
    [
      'what is not listed',
      'packages/store/src/a.ts',
      "import 'left-pad'",
      'not listed in the dependencies',
    ],
    [
      'vitest outside of tests',
      'packages/store/src/a.ts',
      "import 'vitest'",
      'not listed in the dependencies',
    ],
    ['a file that is not there', 'packages/store/src/a.ts', "import './b.ts'", 'does not exist'],
  ])('refuses %s', (_, file, source, problem) => {
    const problems = problemsOf({ [file]: source })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`${file}:1: `)
    expect(problems[0]).toContain(problem)
  })

  it.each([
    ['packages/core/src/testing/dsl.ts', "import 'vitest'\nimport 'node:fs'"],
    ['packages/core/src/contracts/store.ts', "import { it } from 'vitest'"],
    ['packages/store/src/a.int.spec.ts', "import '@portcullis/domain'"],
    ['packages/store/src/a.ts', "import type { Pool } from '@types/pg'"],
  ])('lets %s use what tests and types may', (file, source) => {
    expect(problemsOf({ [file]: source })).toEqual([])
  })

  it('finds a circle, once, unless types alone close it', () => {
    const a = "import './b.ts'"
    expect(
      problemsOf({
        'packages/store/src/a.ts': a,
        'packages/store/src/b.ts': "export * from './a.ts'",
      }),
    ).toEqual([
      'packages/store/src/a.ts: imports itself in a circle: packages/store/src/a.ts → packages/store/src/b.ts → packages/store/src/a.ts',
    ])
    expect(
      problemsOf({
        'packages/store/src/a.ts': a,
        'packages/store/src/b.ts': "import type { A } from './a.ts'",
      }),
    ).toEqual([])
  })

  it('asks for a row for every package', () => {
    const problems = checkImports({ packages, modules: [], rules: {}, sharedDevDependencies: [] })
    expect(problems).toHaveLength(packages.length)
    expect(problems[0]).toContain('packages/core: has no row')
  })
})
