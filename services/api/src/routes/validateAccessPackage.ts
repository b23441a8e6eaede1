import { type FieldError, operations } from '@portcullis/api-contract'
import { deriveId } from '@portcullis/core'
import { z } from 'zod'
import { describeIssues } from '../input.ts'
import { toFieldError } from '../problems.ts'
import { type Call, queryRoute, type Route } from '../route.ts'
import { newPackage } from './newPackage.ts'
import { type Draft, draftOf } from './packageDraft.ts'

const operation = operations.validateAccessPackage
const whateverIsSent = {
  ...operation,
  body: z.unknown(),
  example: { answer: operation.example.answer },
}

/** Most problems that an answer lists; a body may hold half a million. */
const MAX_PROBLEMS = 1000

/**
 * S17: what is wrong with the input's shape and what the rules say of the rest, in one list. So a body isn't refused
 * for its shape: the parts that have one are looked at, whatever is wrong with the others.
 */
export const validateAccessPackage: Route = {
  ...queryRoute(whateverIsSent, async ({ body }, call) => {
    const read = operation.body.safeParse(body)
    const draft = read.success ? { body: read.data, place: same } : draftOf(body, read.error)
    const { problems, warnings, resourcesToAdd } = await underTheRules(draft, call)
    const all = [...describeIssues('body', read.error), ...problems]
    return {
      valid: all.length === 0,
      problems: all.slice(0, MAX_PROBLEMS),
      warnings,
      resourcesToAdd,
    }
  }),
  operation,
}

const same = (path: string): string => path

const underTheRules = async (draft: Draft | undefined, { application, caller, zone }: Call) => {
  if (draft === undefined) return { problems: [], warnings: [], resourcesToAdd: [] }
  // Ids that the body leaves out are made up: nothing is written under them.
  const id = crypto.randomUUID()
  const derive = (kind: string, index = 0) => deriveId(kind, id, index)
  const found = await application.validatePackage(caller, newPackage(draft.body, derive, zone))
  const placed = (error: FieldError): FieldError => ({ ...error, path: draft.place(error.path) })
  return {
    problems: found.problems.map(({ path, refusal: { code, message } }) =>
      placed(toFieldError({ path, code, message })),
    ),
    warnings: found.warnings.map(toFieldError).map(placed),
    resourcesToAdd: found.resourcesToAdd,
  }
}
