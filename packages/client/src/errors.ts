import type { FieldError, Problem } from '@portcullis/api-contract'

/**
 * The engine's "no": it took the call and won't do it. Sending the same again changes nothing, unless the world has
 * changed.
 */
export class Refused extends Error {
  /** HTTP status, 4xx. */
  readonly status: number
  /** Stable name of what is wrong: `approval.already-decided`. */
  readonly code: string
  /** What is wrong with which field, where the input was not valid. */
  readonly errors: readonly FieldError[]
  /** What else the refusal tells, by its code: who decided, which policies apply. */
  readonly data: Readonly<Record<string, unknown>>
  /** Quote it when you report a fault. */
  readonly requestId: string
  /** The whole answer (RFC 9457). */
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'Refused'
    this.status = problem.status
    this.code = problem.code
    this.errors = problem.errors ?? []
    this.data = problem.data ?? {}
    this.requestId = problem.requestId
    this.problem = problem
  }
}

/**
 * No answer, or only "not now", up to the last try. A command may have been carried out or not:
 * sent again under `commandId`, now or days later, it happens once and is answered.
 */
export class Unreachable extends Error {
  readonly operation: string
  /** What was called. */
  readonly url: string
  /** Absent for queries. */
  readonly commandId: string | undefined
  readonly tries: number
  /** What the API said last, where it answered. */
  readonly problem: Problem | undefined
  constructor(
    operation: string,
    commandId: string | undefined,
    tries: number,
    last: {
      readonly why: string
      readonly url: string
      readonly cause?: unknown
      readonly problem?: Problem | undefined
    },
  ) {
    const again =
      commandId === undefined
        ? ''
        : `; whether it was done is not known: send it again under the command id ${commandId}`
    super(
      `${operation}: given up after ${tries} ${tries === 1 ? 'try' : 'tries'}, the last: ${last.why}${again}`,
      last.cause === undefined ? {} : { cause: last.cause },
    )
    this.name = 'Unreachable'
    this.operation = operation
    this.url = last.url
    this.commandId = commandId
    this.tries = tries
    this.problem = last.problem
  }
}

/**
 * An answer that the API doesn't give on purpose: a fault of the engine (500), or something in between that isn't the
 * API at all.
 */
export class UnexpectedAnswer extends Error {
  readonly operation: string
  readonly commandId: string | undefined
  readonly status: number
  /** Where the engine itself answered. */
  readonly problem: Problem | undefined
  constructor(
    operation: string,
    commandId: string | undefined,
    status: number,
    text: string,
    problem: Problem | undefined,
  ) {
    super(
      problem === undefined
        ? `${operation}: ${status} from something that is not the API, or of another version: ${JSON.stringify(text.slice(0, SHOWN))}; check the client's \`url\``
        : `${operation}: ${problem.detail} (${status}, ${problem.code})`,
    )
    this.name = 'UnexpectedAnswer'
    this.operation = operation
    this.commandId = commandId
    this.status = status
    this.problem = problem
  }
}

/** Characters of a strange answer that its error shows. */
const SHOWN = 200

/** A call's end as a value, for those who treat a refusal as an ordinary case. */
export type Outcome<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly refusal: Refused }

/** @throws whatever isn't a refusal */
export const outcomeOf = async <Answer>(call: Promise<Answer>): Promise<Outcome<Answer>> => {
  try {
    return { ok: true, answer: await call }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: error }
    throw error
  }
}
