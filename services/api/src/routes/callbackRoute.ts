import { fulfilmentIdSchema, fulfilmentReportSchema } from '@portcullis/api-contract'
import { formatPosition } from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import type { CallbackVerifier } from '@portcullis/provisioning'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readInput } from '../input.ts'
import { ApiProblem, refusalProblem } from '../problems.ts'
import { commandHeaders } from '../route.ts'

const BODY_BYTES = 64 * 1024

const callback = {
  params: z.strictObject({ fulfilmentId: fulfilmentIdSchema }),
  query: z.unknown(),
  body: fulfilmentReportSchema.extend({
    /** The signature is over the body and not over the address: a callback says itself what it is about. */
    fulfilmentId: fulfilmentIdSchema,
  }),
}

/**
 * Where receivers of webhooks say how an order went. Instead of a token it takes a signature by the secret of the
 * connector that the order was for, over the body as it was sent: so the body is taken as bytes here, and read once it
 * is known to be genuine. Anybody who can't sign learns nothing of what exists.
 */
export const addCallbackRoute = (
  app: FastifyInstance,
  options: { readonly application: Application; readonly callbacks?: CallbackVerifier },
): void => {
  const { application, callbacks } = options
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: BODY_BYTES },
      (_request, body, done) => done(null, body),
    )
    scope.post('/v1/callbacks/:fulfilmentId', async (request, reply) => {
      const { fulfilmentId } = request.params as { readonly fulfilmentId: string }
      const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
      const connector = await signerOf(request, { application, callbacks, fulfilmentId, body })
      const said = readInput(callback, { params: request.params, query: {}, body: parsed(body) })
      if (said.body.fulfilmentId !== fulfilmentId)
        throw new ApiProblem(
          400,
          'callback.other-fulfilment',
          'body.fulfilmentId is not the one of the address; call the callbackUrl of the same message',
        )
      const answer = await application.receiveCallback(
        { fulfilmentId, outcome: said.body.outcome, message: said.body.message ?? null },
        connector,
        request.id,
      )
      if (!answer.ok) throw refusalProblem(answer.refusal)
      const position = formatPosition(answer.position)
      return reply.headers(commandHeaders(answer.commandId, position)).send({
        commandId: answer.commandId,
        position,
        repeated: answer.repeated,
        ...answer.result,
      })
    })
  })
}

const signerOf = async (
  { headers }: FastifyRequest,
  {
    application,
    callbacks,
    fulfilmentId,
    body,
  }: {
    readonly application: Application
    readonly callbacks: CallbackVerifier | undefined
    readonly fulfilmentId: string
    readonly body: string
  },
): Promise<string> => {
  const connector = (await application.connectorOf(fulfilmentId)) ?? ''
  const wrong =
    callbacks === undefined
      ? 'wrong'
      : callbacks.wrongWith(connector, { header: (name) => headers[name], body })
  if (wrong === undefined) return connector
  const { code, detail } = WRONG[wrong]
  throw new ApiProblem(401, code, detail)
}

const WRONG = {
  missing: {
    code: 'callback.not-signed',
    detail:
      'a callback needs the headers webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks); people report with a token, to /v1/fulfilments',
  },
  wrong: {
    code: 'callback.wrong-signature',
    detail:
      'the signature is not one by the secret of the connector that this order was for, over these bytes; sign <webhook-id>.<webhook-timestamp>.<body> with it',
  },
  'too-old': {
    code: 'callback.wrong-time',
    detail:
      'webhook-timestamp is more than five minutes off; sign each call anew, and check the clock',
  },
} as const

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    throw new ApiProblem(400, 'http.broken-json', 'the body is not JSON')
  }
}
