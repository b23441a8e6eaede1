import type { Caller } from '@portcullis/engine'
import { invalidInput } from '../input.ts'

/**
 * Whom a request or a question is about: the one who is named; the caller where nobody is. Whether the caller may is
 * the permission matrix's to say (S3).
 * @throws ApiProblem 400 when a service names nobody
 */
export const subjectOf = (caller: Caller, field: string, named: string | undefined): string => {
  if (named !== undefined) return named
  if (caller.actor.kind === 'user') return caller.actor.id
  throw invalidInput([
    {
      path: field,
      rule: 'required',
      message: 'is required when a service asks: name the subject',
    },
  ])
}
