import { allOperations, PROBLEM_MEDIA_TYPE } from '@portcullis/api-contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { describeError } from './logger.ts'
import { ApiProblem, expectedProblem, problemBody } from './problems.ts'

/** Every error leaves as problem+json; what nobody foresaw says only the request id, and the log says the rest. */
export const answerFaults = (app: FastifyInstance): void => {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    sendProblem(noSuchAddress(request.method, pathOf(request.url)), request, reply)
  })
}

export const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = expectedProblem(error) ?? unforeseen(error, request)
  if (problem.status === 503) {
    request.log.warn({ error: describeError(error), code: problem.code }, 'answered "not now"')
  }
  void reply
    .code(problem.status)
    .headers({ ...problem.headers, 'X-Request-Id': request.id })
    .type(PROBLEM_MEDIA_TYPE)
    .send(problemBody(problem, request.id))
}

const unforeseen = (error: unknown, request: FastifyRequest): ApiProblem => {
  request.log.error({ error: describeError(error) }, 'a request failed')
  return new ApiProblem(
    500,
    'internal',
    `something went wrong on our side; report it with the request id ${request.id}`,
  )
}

const ADDRESSES = allOperations.map(({ path, method }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

const noSuchAddress = (method: string, path: string): ApiProblem => {
  const allowed = ADDRESSES.filter(({ pattern }) => pattern.test(path)).map((each) => each.method)
  return allowed.length === 0
    ? new ApiProblem(404, 'http.no-such-address', 'there is no such address; see /docs')
    : new ApiProblem(
        405,
        'http.method-not-allowed',
        `${method} is not possible here; ${allowed.join(' or ')} is`,
        { headers: { Allow: allowed.join(', ') } },
      )
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url
