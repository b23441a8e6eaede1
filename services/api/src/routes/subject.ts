import type { Caller } from '@portcullis/engine'
import { invalidInput } from '../input.ts'
import { ApiProblem } from '../problems.ts'

/**
 * Whom a request is about: users speak for themselves, services name somebody.
 * @param others whether a user may name somebody else
 * @throws ApiProblem 400 when a service names nobody, 403 when a user may not name somebody else
 */
export const subjectOf = (
  caller: Caller,
  field: string,
  named: string | undefined,
  others: 'anybody' | 'themselves',
): string => {
  const { actor } = caller
  if (actor.kind !== 'user') {
    if (named !== undefined) return named
    throw invalidInput([
      {
        path: field,
        rule: 'required',
        message: 'is required when a service asks: name the subject',
      },
    ])
  }
  if (named === undefined || named === actor.id) return actor.id
  if (others === 'anybody') return named
  throw new ApiProblem(
    403,
    'request.for-somebody-else',
    'a user requests access for themselves; an administrator of the package assigns it directly instead',
  )
}
