/** One thing that is wrong in the files of an import. */
export interface ImportProblem {
  readonly file: string
  /** From 1; undefined when it's the file as a whole. */
  readonly line?: number
  readonly message: string
}

/** How many problems are listed; of the others only the number is told. */
export const LISTED_PROBLEMS = 100

export const problemText = (problem: ImportProblem): string =>
  problem.line === undefined
    ? `${problem.file}: ${problem.message}`
    : `${problem.file} line ${problem.line}: ${problem.message}`

/** The files hold mistakes; nothing was written. */
export class DirectoryImportError extends Error {
  readonly code = 'directory.import-refused'
  /** The first {@link LISTED_PROBLEMS}, by file and line. */
  readonly problems: readonly ImportProblem[]
  /** How many there are. */
  readonly total: number
  constructor(problems: readonly ImportProblem[], total: number) {
    const more = total > problems.length ? [`… and ${total - problems.length} more`] : []
    super(
      [
        `nothing was imported: ${total} ${total === 1 ? 'mistake' : 'mistakes'} to correct first`,
        ...problems.map(problemText),
        ...more,
      ].join('\n'),
    )
    this.name = 'DirectoryImportError'
    this.problems = problems
    this.total = total
  }
}

/** Gathers what is wrong, without keeping more than can be listed. */
export interface Problems {
  add(problem: ImportProblem, count?: number): void
  /** @throws DirectoryImportError when there is any */
  throwIfAny(): void
}

export const gatherProblems = (): Problems => {
  const listed: ImportProblem[] = []
  let total = 0
  return {
    add: (problem, count = 1) => {
      total += count
      if (listed.length < LISTED_PROBLEMS) listed.push(problem)
    },
    throwIfAny: () => {
      if (total > 0) throw new DirectoryImportError(listed, total)
    },
  }
}
