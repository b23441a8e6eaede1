import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrackedFile } from './checkTree.ts'

/**
 * The files under version control and those that are about to be (not ignored), with their text.
 * @throws when `root` isn't a git checkout
 */
export const trackedFiles = (root: string): readonly TrackedFile[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
