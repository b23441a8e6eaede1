/** A file under version control. */
export interface TrackedFile {
  /** From the root of the checkout. */
  readonly path: string
  readonly text: string
}

const MOST_LINES = 300
/** Characters of a line that is a comment, or part of one. */
const LONGEST_COMMENT = 120
const COMMENT = /^\s*(?:\/\/|\/\*|\*)/
const SOURCE = /\.(?:tsx?|mjs)$/
/** Where packages come from, and folders of one machine: both differ from reader to reader. */
const LOCAL = [
  /https?:\/\/(?:registry|npm)\.[\w.-]+/,
  /(?<![\w.~-])\/(?:root|work|Users)\/\w/,
  /(?<![\w.~-])\/home\/\w/,
]
/**
 * @returns a sentence for each file that breaks a rule of CONTRIBUTING.md, starting with its path; empty when all is
 *   well
 */
export const checkTree = (files: readonly TrackedFile[]): readonly string[] => [
  ...files.flatMap(tooLong),
  ...files.flatMap(longComments),
  ...files.flatMap(localNames),
]

const tooLong = ({ path, text }: TrackedFile): readonly string[] => {
  if (!SOURCE.test(path)) return []
  const lines = text.split('\n').length - 1
  return lines > MOST_LINES
    ? [`${path}: ${lines} lines; at most ${MOST_LINES}: split it by subject`]
    : []
}

/** What can't be wrapped, such as an address, may be longer. */
const longComments = ({ path, text }: TrackedFile): readonly string[] => {
  if (!SOURCE.test(path)) return []
  return text.split('\n').flatMap((line, index) => {
    const wrappable =
      COMMENT.test(line) && line.length > LONGEST_COMMENT && / \S+ \S/.test(line.trim())
    return wrappable
      ? [
          `${path}:${index + 1}: a comment of ${line.length} characters; at most ${LONGEST_COMMENT}: wrap it`,
        ]
      : []
  })
}

const localNames = ({ path, text }: TrackedFile): readonly string[] =>
  LOCAL.flatMap((pattern) => {
    const found = pattern.exec(text)
    if (found === null) return []
    const line = text.slice(0, found.index).split('\n').length
    return [`${path}:${line}: names a registry host or a folder of one machine ("${found[0]}")`]
  })
