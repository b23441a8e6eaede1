import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedPages } from './generatedPages.ts'
import { runCommand } from './runCommand.ts'
import { checkDocs } from './tree/checkDocs.ts'
import { checkTree } from './tree/checkTree.ts'
import { trackedFiles } from './tree/trackedFiles.ts'

/** One thing that must be right about the sources, besides the tests. */
export interface Check {
  readonly name: string
  readonly title: string
  /** @returns what is wrong, for people; empty when nothing is */
  readonly run: (root: string) => Promise<string>
}

const command =
  (...words: readonly [string, ...string[]]): Check['run'] =>
  async (root) => {
    const result = await runCommand(words, {
      cwd: root,
      output: 'keep',
      env: { NO_COLOR: '1', TURBO_TELEMETRY_DISABLED: '1' },
    })
    return result.code === 0 ? '' : result.output || `${words.join(' ')} ended with ${result.code}`
  }

/** A task of turbo.json; one whose sources haven't changed since it last passed isn't run again. */
const turbo = (task: string): Check['run'] =>
  command('turbo', 'run', task, '--output-logs=errors-only')

/** Cheapest first. */
export const checks: readonly Check[] = [
  {
    name: 'tree',
    title:
      'files are short and free of local names; links lead somewhere; the acceptance table is whole',
    run: async (root) => {
      const files = trackedFiles(root)
      return [...checkTree(files), ...checkDocs(files)].join('\n')
    },
  },
  {
    name: 'events',
    title: 'the generated pages (events, permissions) equal what they are made from',
    run: async (root) =>
      generatedPages
        .filter(({ file, text }) => readFileSync(join(root, file), 'utf8') !== text(root))
        .map(({ file }) => `${file} is not what the sources say: run "npm run docs" and commit it`)
        .join('\n'),
  },
  {
    name: 'format',
    title: 'format, lint and the direction of imports (biome)',
    run: command('biome', 'check', '--error-on-warnings', '--colors=off'),
  },
  {
    name: 'unused',
    title: 'no unused files, exports or dependencies (knip)',
    run: command('knip', '--no-progress'),
  },
  {
    name: 'types',
    title: 'types (one program of all packages, by tsc)',
    run: turbo('types'),
  },
  {
    name: 'build',
    title: 'what is published builds (turbo run build)',
    run: turbo('build'),
  },
]
