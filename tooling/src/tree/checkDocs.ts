import { posix } from 'node:path'
import type { TrackedFile } from './checkTree.ts'

/** Ids of the acceptance table that every reader looks for. */
const ACCEPTANCE_ROWS = 28
const ACCEPTANCE = 'docs/acceptance.md'
const STATES = ['proven', 'partly', 'not yet']

/**
 * Every relative link of a Markdown file leads to a file or folder of the checkout; the acceptance table has each row once, in a known state, with a test where the state claims one.
 * @returns a sentence for each thing that is wrong, starting with the file; empty when all is well
 */
export const checkDocs = (files: readonly TrackedFile[]): readonly string[] => [
  ...brokenLinks(files),
  ...acceptanceRows(files.find(({ path }) => path === ACCEPTANCE)),
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

const acceptanceRows = (file: TrackedFile | undefined): readonly string[] => {
  if (file === undefined) return [`${ACCEPTANCE}: is missing`]
  const rows = [...file.text.matchAll(/^\| (S\d+) \|[^|]*\|([^|]*)\|([^|]*)\|$/gm)]
  return Array.from({ length: ACCEPTANCE_ROWS }, (_, index) => `S${index + 1}`).flatMap((id) => {
    const [row, ...more] = rows.filter((match) => match[1] === id)
    if (row === undefined) return [`${ACCEPTANCE}: has no row for ${id}`]
    if (more.length > 0) return [`${ACCEPTANCE}: has several rows for ${id}`]
    const state = row[2]?.trim() ?? ''
    if (!STATES.includes(state)) {
      return [`${ACCEPTANCE}: ${id} is "${state}", which is none of ${STATES.join(', ')}`]
    }
    const linksTest = /\]\([^)]+\.e2e\.spec\.ts\)/.test(row[3] ?? '')
    return state === 'not yet' || linksTest
      ? []
      : [`${ACCEPTANCE}: ${id} is "${state}" without a link to the .e2e.spec.ts that shows it`]
  })
}
