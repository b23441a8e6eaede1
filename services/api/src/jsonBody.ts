import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { ApiProblem } from './problems.ts'

/** Bodies are JSON in UTF-8 or nothing; everything else is answered with what is wrong. */
export const acceptJsonOnly = (app: FastifyInstance): void => {
  // Refuses `__proto__` and `constructor.prototype` keys, which could change objects that we build from the body.
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (request, body, done) => {
      // Many clients name the type of the body that they don't send.
      if (body.length === 0) {
        done(null, undefined)
        return
      }
      if (!isUtf8(body)) {
        done(new ApiProblem(400, 'http.not-utf8', 'the body is not UTF-8'))
        return
      }
      parse(request, body.toString('utf8'), (error, value) => {
        if (error === null) done(null, value)
        else done(new ApiProblem(400, 'http.broken-json', brokenJson(error)))
      })
    },
  )
}

// V8's message quotes the text around the fault, which may be personal; the place is enough.
const brokenJson = (error: Error): string => {
  const place = /position (\d+)/.exec(error.message)?.[1]
  return place === undefined
    ? 'the body is not JSON, or holds a key that is not allowed such as "__proto__"'
    : `the body is not JSON: look at character ${place}`
}
