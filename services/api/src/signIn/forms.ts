import type { FastifyInstance } from 'fastify'

const MOST_BYTES = 64 * 1024

/**
 * Takes bodies of forms, as URLSearchParams, in the routes of this scope alone: elsewhere another site's form must mean
 * nothing.
 */
export const acceptForms = (scope: FastifyInstance): void => {
  scope.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MOST_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(body)),
  )
}
