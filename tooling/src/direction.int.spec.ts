import { cpSync, globSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './runCommand.ts'

// Each rule on imports is tried on files that break it, planted in a copy of the checkout's configuration and of its
// package.json files.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

type Planted = readonly [title: string, file: string, source: string, problem: RegExp | null]

const byBiome: readonly Planted[] = [
  [
    'what is listed and below',
    'packages/jobs/src/a.ts',
    "import 'pg'\nimport '@portcullis/core'\nimport 'node:fs'",
    null,
  ],
  [
    'below, for a spec',
    'packages/views/src/a.int.spec.ts',
    "import '@portcullis/event-store'",
    null,
  ],
  [
    'testing code, for testing code',
    'packages/domain/src/testing/a.ts',
    "import '@portcullis/core/testing'",
    null,
  ],
  [
    'Node, for a spec of a pure package',
    'packages/domain/src/b.unit.spec.ts',
    "import 'node:fs'",
    null,
  ],
  ['luxon, in its file', 'packages/domain/src/time.ts', "import 'luxon'\nimport 'zod'", null],
  ['services, for suites', 'suites/src/a.e2e.spec.ts', "import '@portcullis/api'", null],
  ['a package above', 'packages/core/src/a.ts', "import '@portcullis/domain'", /core uses nothing/],
  [
    'a package above, for types',
    'packages/core/src/b.ts',
    "import type { A } from '@portcullis/domain'",
    /core uses nothing/,
  ],
  [
    'a package above, passed on',
    'packages/core/src/c.ts',
    "export * from '@portcullis/domain'",
    /core uses nothing/,
  ],
  [
    'a package above, later',
    'packages/core/src/d.ts',
    "await import('@portcullis/domain')",
    /core uses nothing/,
  ],
  [
    'the testing code of a package above',
    'packages/core/src/a.unit.spec.ts',
    "import '@portcullis/domain/testing'",
    /core uses nothing/,
  ],
  [
    'a neighbour',
    'packages/jobs/src/b.ts',
    "import '@portcullis/views'",
    /jobs may use core, postgres alone/,
  ],
  [
    'the engine, for the promises',
    'packages/promises/src/a.ts',
    "import '@portcullis/engine'",
    /promises may use core, domain alone/,
  ],
  [
    'what the engine does not list',
    'packages/engine/src/a.ts',
    "import '@portcullis/runtime'",
    /engine may use/,
  ],
  [
    'a service, for a package',
    'packages/runtime/src/a.ts',
    "import '@portcullis/api'",
    /no service/,
  ],
  [
    'the tests of all, for a service',
    'services/api/src/a.ts',
    "import '@portcullis/suites'",
    /packages and services/,
  ],
  [
    'itself by name, a package',
    'packages/postgres/src/a.ts',
    "import '@portcullis/postgres'",
    /postgres may use/,
  ],
  [
    'itself by name, a service',
    'services/operator/src/a.ts',
    "import '@portcullis/operator'",
    /not itself/,
  ],
  [
    'anything, for a package without a line',
    'packages/new/src/a.ts',
    "import '@portcullis/core'",
    /has no line/,
  ],
  [
    'the inside of another package',
    'packages/jobs/src/c.ts',
    "import '@portcullis/core/src/json.ts'",
    /leads into another package/,
  ],
  [
    'another package by a path',
    'packages/jobs/src/d.ts',
    "import '../../core/src/index.ts'",
    /leads into another package/,
  ],
  [
    'another package by a path, for a spec',
    'packages/jobs/src/a.unit.spec.ts',
    "import '../../core/src/index.ts'",
    /leads into another package/,
  ],
  [
    'what nobody can follow',
    'packages/jobs/src/e.ts',
    "const a = 'b'\nawait import(a)",
    /has to be a literal/,
  ],
  ['Node in a pure package', 'packages/core/src/e.ts', "import 'node:fs'", /noNodejsModules/],
  ['Node in the client', 'packages/client/src/a.ts', "import 'node:http'", /noNodejsModules/],
  ['npm in a pure package', 'packages/core/src/f.ts', "import 'pg'", /from npm zod and uuid alone/],
  [
    'npm in a spec of a pure package',
    'packages/domain/src/a.unit.spec.ts',
    "import 'pg'",
    /from npm zod alone/,
  ],
  ['npm, for the promises', 'packages/promises/src/b.ts', "import 'zod'", /nothing from npm/],
  ['luxon outside of its file', 'packages/domain/src/a.ts', "import 'luxon'", /from npm zod alone/],
  [
    'what is not listed',
    'packages/jobs/src/f.ts',
    "import 'zod'",
    /zod isn't specified in packages.jobs/,
  ],
  [
    'what is listed for specs only',
    'packages/views/src/a.ts',
    "import '@portcullis/event-store'",
    /event-store isn.t specified in packages.views/,
  ],
  ['the tools of tests', 'packages/jobs/src/g.ts', "import 'vitest'", /vitest isn't specified/],
  [
    'testing code of another package',
    'packages/jobs/src/h.ts',
    "import '@portcullis/core/testing'",
    /Only tests load this/,
  ],
  [
    'testing code of its own',
    'packages/jobs/src/i.ts',
    "import { a } from './testing/index.ts'",
    /Only tests load this/,
  ],
  [
    'a fixture',
    'packages/jobs/src/j.ts',
    "import type { A } from './a.fixture.ts'",
    /Only tests load this/,
  ],
]

const CIRCLE = [
  [
    'packages/jobs/src/circle/one.ts',
    "import type { B } from './two.ts'\nexport type A = B | null",
  ],
  ['packages/jobs/src/circle/two.ts', "import type { A } from './one.ts'\nexport type B = A[]"],
] as const

// What the packages' own exports and pnpm's folders refuse: the check "types" finds it.
const byTypes: readonly Planted[] = [
  [
    'what is exported',
    'packages/jobs/src/t0.ts',
    "import { addMillis } from '@portcullis/core'\nexport { addMillis }",
    null,
  ],
  [
    'what is not exported',
    'packages/jobs/src/t1.ts',
    "import { backOff } from '@portcullis/core/backOff'\nexport { backOff }",
    /TS2307/,
  ],
  [
    'what pnpm gives to others only',
    'packages/jobs/src/t2.unit.spec.ts',
    "import { z } from 'zod'\nexport { z }",
    /TS2307/,
  ],
  ['a file that is not there', 'packages/jobs/src/t3.ts', "import './nowhere.ts'", /TS2307|TS2882/],
]

let folder: string
let found: string

const plant = ([file, source]: readonly [string, string]): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), `${source}\n`)
}
const problemsOf = (file: string): string =>
  found
    .split('\n')
    .filter((line) => line.includes(file))
    .join('\n')

const run = async (...words: readonly [string, ...string[]]): Promise<string> => {
  const { output } = await runCommand(words, {
    cwd: folder,
    output: 'keep',
    env: { NO_COLOR: '1' },
  })
  return output
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-direction-'))
  for (const file of [
    ...['biome.json', '.gitignore', 'package.json', 'tsconfig.base.json', 'tooling/imports'],
    ...globSync('{packages,services}/*/package.json', { cwd: root }),
    ...['suites', 'bench', 'tooling'].map((name) => `${name}/package.json`),
  ])
    cpSync(join(root, file), join(folder, file), { recursive: true })
})
afterAll(() => rm(folder, { recursive: true }))

describe('the direction of imports', () => {
  beforeAll(async () => {
    for (const [, file, source] of byBiome) plant([file, source])
    for (const file of CIRCLE) plant(file)
    found = await run('biome', 'lint', '--reporter=github', '--max-diagnostics=none')
  }, 60_000)

  it.each(byBiome)('as for %s', (_, file, __, problem) => {
    if (problem === null) expect(problemsOf(file)).toBe('')
    else expect(problemsOf(file)).toMatch(problem)
  })

  it('finds a circle that types alone close', () => {
    for (const [file] of CIRCLE) expect(problemsOf(file)).toContain('noImportCycles')
  })
})

describe('what packages export and pnpm installs', () => {
  beforeAll(async () => {
    for (const [, file, source] of byTypes) plant([file, source])
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const modules = 'packages/jobs/node_modules'
    symlinkSync(join(root, modules), join(folder, modules))
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: './tsconfig.base.json', include: ['packages/jobs/src/t*.ts'] }),
    )
    found = await run('tsc', '--noEmit', '--pretty', 'false')
  }, 60_000)

  it.each(byTypes)('as for %s', (_, file, __, problem) => {
    if (problem === null) expect(problemsOf(file)).toBe('')
    else expect(problemsOf(file)).toMatch(problem)
  })
})
