import type { TrackedFile } from './checkTree.ts'

// Which source file decides a row of the acceptance table: the row links it, and it bears the row's id, so that each is
// found by the other.

const TEST_SUPPORT = /\.(?:spec|fixture|contract)\.ts$|\/testing\//
const ID = /\b[SA]\d{1,2}\b/g

const idsIn = (text: string): ReadonlySet<string> => new Set(text.match(ID))

/** @returns a sentence for each thing that is wrong with what decides a row; empty when all is well */
export const decidersProblems = (
  id: string,
  paths: readonly string[],
  files: readonly TrackedFile[],
): readonly string[] => {
  if (paths.length === 0)
    return [`${id} names no file that decides it; link it, and let its docstring bear the id`]
  return paths.flatMap((path) => {
    if (TEST_SUPPORT.test(path)) return [`${id} is decided by a test's file, ${path}`]
    const file = files.find((each) => each.path === path)
    if (file === undefined) return [`${id} is decided by ${path}, which isn't there`]
    return idsIn(file.text).has(id)
      ? []
      : [
          `${id} is decided by ${path}, which doesn't bear the id; name it where the rule is decided`,
        ]
  })
}

/** @returns a sentence for each id in a file that decides something which has no row */
export const unknownIds = (
  known: ReadonlySet<string>,
  deciders: readonly string[],
  files: readonly TrackedFile[],
): readonly string[] =>
  files
    .filter(({ path }) => deciders.includes(path))
    .flatMap(({ path, text }) =>
      [...idsIn(text)]
        .filter((id) => !known.has(id))
        .map((id) => `${path}: bears ${id}, which has no row in the acceptance table`),
    )
