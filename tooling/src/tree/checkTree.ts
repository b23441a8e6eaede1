/** A file under version control. */
export interface TrackedFile {
  /** From the root of the checkout. */
  readonly path: string
  readonly text: string
}

const MOST_LINES = 300
const SOURCE = /\.(?:ts|mjs)$/
/** Where packages come from, and folders of one machine: both differ from reader to reader. */
const LOCAL = [
  /https?:\/\/(?:registry|npm)\.[\w.-]+/,
  /(?<![\w.~-])\/(?:root|work|Users)\/\w/,
  /(?<![\w.~-])\/home\/\w/,
]
/** Ids of the acceptance table that every reader looks for. */
const ACCEPTANCE_ROWS = 28

/** @returns a sentence for each file that breaks a rule of CONTRIBUTING.md, starting with its path; empty when all is well */
export const checkTree = (files: readonly TrackedFile[]): readonly string[] => [
  ...files.flatMap(tooLong),
  ...files.flatMap(localNames),
  ...acceptanceRows(files.find(({ path }) => path === 'docs/acceptance.md')),
]

const tooLong = ({ path, text }: TrackedFile): readonly string[] => {
  if (!SOURCE.test(path)) return []
  const lines = text.split('\n').length - 1
  return lines > MOST_LINES
    ? [`${path}: ${lines} lines; at most ${MOST_LINES}: split it by subject`]
    : []
}

const localNames = ({ path, text }: TrackedFile): readonly string[] =>
  LOCAL.flatMap((pattern) => {
    const found = pattern.exec(text)
    if (found === null) return []
    const line = text.slice(0, found.index).split('\n').length
    return [`${path}:${line}: names a registry host or a folder of one machine ("${found[0]}")`]
  })

const acceptanceRows = (file: TrackedFile | undefined): readonly string[] => {
  if (file === undefined) return ['docs/acceptance.md: is missing']
  const ids = new Set([...file.text.matchAll(/^\| (S\d+) \|/gm)].map((match) => match[1]))
  const wanted = Array.from({ length: ACCEPTANCE_ROWS }, (_, index) => `S${index + 1}`)
  const missing = wanted.filter((id) => !ids.has(id))
  return missing.length === 0 ? [] : [`docs/acceptance.md: has no row for ${missing.join(', ')}`]
}
