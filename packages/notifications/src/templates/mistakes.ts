import { LiquidError } from 'liquidjs'

/** Something to correct in a template. */
export interface TemplateMistake {
  /** Within the folder. */
  readonly file: string
  /** From 1. */
  readonly line?: number
  readonly column?: number
  readonly message: string
}

/** Templates can't be used; the message has a line for each mistake, with file, line and column. */
export class TemplateError extends Error {
  readonly code = 'mail.template'
  readonly mistakes: readonly TemplateMistake[]
  constructor(mistakes: readonly TemplateMistake[]) {
    super(mistakes.map(textOf).join('\n'))
    this.name = 'TemplateError'
    this.mistakes = mistakes
  }
}

const textOf = ({ file, line, column, message }: TemplateMistake): string =>
  `${file}${line === undefined ? '' : ` line ${line}${column === undefined ? '' : `, column ${column}`}`}: ${message}`

/** What went wrong in a template, with the place where the engine knows it. */
export const mistakeOf = (error: unknown, file: string): TemplateMistake => {
  if (!LiquidError.is(error))
    return { file, message: error instanceof Error ? error.message : 'unknown error' }
  const [line, column] = error.token.getPosition()
  const message = error.originalError?.message ?? error.message.replace(/, file:.*$/s, '')
  return {
    file: error.token.file ?? file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    message,
  }
}
