import { operations } from '@portcullis/api-contract'
import { formatPosition } from '@portcullis/core'
import type { BulkResult } from '@portcullis/engine'
import { readInput } from '../input.ts'
import { refusalProblem } from '../problems.ts'
import { commandHeaders, commandIdOf, type Route } from '../route.ts'

/** Many direct assignments at once (S18): what is refused is an answer like what is accepted. */
export const assignManyRoute: Route = {
  operation: operations.assignMany,
  run: async (raw, call) => {
    const { params, body } = readInput(operations.assignMany, raw)
    const commandId = commandIdOf(call)
    const answer = await call.application.assignMany(
      {
        packageId: params.packageId,
        policyId: body.policyId,
        subjectIds: body.subjectIds,
        startAt: body.startAt ?? null,
        endAt: body.endAt ?? null,
        justification: body.justification ?? null,
      },
      { commandId, correlationId: call.requestId, caller: call.caller },
    )
    if (!answer.ok) throw refusalProblem(answer.refusal)
    const { accepted, refused, repeated } = answer
    const position = formatPosition(answer.position)
    return {
      status: operations.assignMany.status,
      body: {
        commandId,
        position,
        accepted,
        refused,
        repeated,
        results: answer.results.map(resultBody),
      },
      headers: commandHeaders(commandId, position),
    }
  },
}

const resultBody = (result: BulkResult) => {
  if (result.ok) return result
  const { code, message, data } = result.refusal
  return {
    subjectId: result.subjectId,
    ok: false,
    code,
    message,
    ...(data === undefined ? {} : { data }),
  }
}
