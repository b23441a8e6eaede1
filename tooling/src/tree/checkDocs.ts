import { posix } from 'node:path'
import type { TrackedFile } from './checkTree.ts'
import { decidersProblems, unknownIds } from './deciders.ts'

/** Ids of the acceptance table that every reader looks for. */
const ACCEPTANCE_ROWS = 28
const ACCEPTANCE = 'docs/acceptance.md'

/**
 * Every relative link of a Markdown file leads to a file or folder of the checkout; the acceptance table has each row
 * once, decided by files that bear its id, proven by an end-to-end spec that it links and that shows it whole.
 * @returns a sentence for each thing that is wrong, starting with the file; empty when all is well
 */
export const checkDocs = (files: readonly TrackedFile[]): readonly string[] => [
  ...brokenLinks(files),
  ...acceptanceRows(files),
]

const brokenLinks = (files: readonly TrackedFile[]): readonly string[] => {
  const known = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]))
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^()\s]+)\)/g)]
        .map((match) => match[1]?.split('#')[0] ?? '')
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
        .filter((target) => !known.has(posix.join(posix.dirname(path), target).replace(/\/$/, '')))
        .map((target) => `${path}: the link ${target} leads nowhere`),
    )
}

const foldersOf = (path: string): readonly string[] => {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

const acceptanceRows = (files: readonly TrackedFile[]): readonly string[] => {
  const file = files.find(({ path }) => path === ACCEPTANCE)
  if (file === undefined) return [`${ACCEPTANCE}: is missing`]
  const rows = [...file.text.matchAll(/^\| ([A-Z]\d+) \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)]
  const decidersOf = (cell = ''): readonly string[] => linksIn(cell, /\]\(([^)]+\.ts)\)/g)
  const needed = Array.from({ length: ACCEPTANCE_ROWS }, (_, index) => `S${index + 1}`)
  const ids = new Set([...needed, ...rows.map(([, id = '']) => id)])
  const problems = [...ids].flatMap((id) => {
    const [row, ...more] = rows.filter((match) => match[1] === id)
    if (row === undefined) return [`${ACCEPTANCE}: has no row for ${id}`]
    if (more.length > 0) return [`${ACCEPTANCE}: has several rows for ${id}`]
    const state = row[2]?.trim() ?? ''
    if (state !== 'proven')
      return [`${ACCEPTANCE}: ${id} is "${state}"; every row has to be proven by a spec`]
    const specs = linksIn(row[4] ?? '', /\]\(([^)]+\.e2e\.spec\.ts)\)/g)
    return [
      ...decidersProblems(id, decidersOf(row[3]), files).map((each) => `${ACCEPTANCE}: ${each}`),
      ...(specs.length === 0
        ? [`${ACCEPTANCE}: ${id} is proven by no .e2e.spec.ts; link the one that shows it`]
        : proofProblems(id, specs, files, needed.includes(id))),
    ]
  })
  const deciders = rows.flatMap((row) => decidersOf(row[3]))
  return [...problems, ...unknownIds(ids, deciders, files)]
}

const linksIn = (cell: string, pattern: RegExp): readonly string[] =>
  [...cell.matchAll(pattern)].map((match) => posix.join(posix.dirname(ACCEPTANCE), match[1] ?? ''))

/**
 * A row of the document is proven by a spec that says so itself, and runs whole; one beyond it by specs that all run
 * whole.
 */
const proofProblems = (
  id: string,
  specs: readonly string[],
  files: readonly TrackedFile[],
  ofDocument: boolean,
): readonly string[] => {
  const texts = files.filter(({ path }) => specs.includes(path))
  const own = texts.find(({ text }) => text.includes(`describe('${id} `))
  if (ofDocument && own === undefined)
    return [`${ACCEPTANCE}: none of the specs that ${id} links has a describe('${id} …')`]
  return (own === undefined ? texts : [own]).flatMap(({ path, text }) => {
    const left = /\b(?:it|test|describe)\.(?:skip|skipIf|runIf|todo|only|fails)\b/.exec(text)
    return left === null ? [] : [`${path}: ${left[0]} leaves out some of what proves ${id}`]
  })
}
