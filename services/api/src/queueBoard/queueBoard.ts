import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Clock } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticate } from '../authentication/createAuthentication.ts'
import { sendProblem } from '../errorAnswers.ts'
import { ApiProblem, refusalProblem } from '../problems.ts'
import { createBoardSessions, LINK_MILLIS, SESSION_MILLIS } from './boardSessions.ts'

export interface QueueBoardOptions {
  /** Of BullMQ. */
  readonly queues: readonly ConstructorParameters<typeof BullMQAdapter>[0][]
  readonly application: Pick<Application, 'mayViewQueues'>
  readonly authenticate: Authenticate
  readonly clock: Clock
  /** Without a slash at the end. */
  readonly baseUrl: string
}

const PATH = '/queues'
const COOKIE = 'portcullis_queues'

/**
 * Scripts, pictures and data of this server alone; styles also where the page writes them. Nothing is sent anywhere,
 * and nobody frames it.
 */
const BOARD_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"

/**
 * bull-board under `/queues`, to look and no more: for whom the permission matrix says, asked anew at every request.
 * A bearer token works as everywhere. For a browser, which can't send one, `POST /queues/links` makes a link that is
 * good once and for a minute, and leaves a cookie for this path that no script and no other site can use.
 */
export const addQueueBoard = (app: FastifyInstance, options: QueueBoardOptions): void => {
  const { application, authenticate, clock, baseUrl } = options
  const sessions = createBoardSessions(clock)

  const unlessPermitted = async (caller: Caller): Promise<void> => {
    const answer = await application.mayViewQueues(caller)
    if (!answer.ok) throw refusalProblem(answer.refusal)
  }
  const callerOf = async (request: FastifyRequest): Promise<Caller> => {
    const { headers } = request
    const caller = sessions.callerOf(cookieIn(headers.cookie) ?? '')
    return headers.authorization === undefined && caller !== undefined
      ? caller
      : authenticate(request)
  }

  app.post(`${PATH}/links`, async (request, reply) => {
    const caller = await authenticate(request)
    await unlessPermitted(caller)
    request.log.info({}, 'a link to the queues was made')
    return reply.code(201).send({
      path: `${PATH}/enter?link=${sessions.link(caller)}`,
      goodForSeconds: LINK_MILLIS / 1000,
    })
  })

  app.get(`${PATH}/enter`, async (request, reply) => {
    const { link } = request.query as { readonly link?: unknown }
    const session = typeof link === 'string' ? sessions.enter(link) : undefined
    if (session === undefined)
      throw new ApiProblem(
        401,
        'queues.link-used',
        'this link was used already, is older than a minute, or is another process’s; make a new one: portcullis queues open',
      )
    const secure = baseUrl.startsWith('https://') ? '; Secure' : ''
    return (
      reply
        .header(
          'Set-Cookie',
          `${COOKIE}=${session}; Path=${PATH}; Max-Age=${SESSION_MILLIS / 1000}; HttpOnly; SameSite=Strict${secure}`,
        )
        .type('text/html; charset=utf-8')
        // Not a redirect: a browser that came from another site wouldn't send the cookie along.
        .send(
          `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${PATH}/"><title>Queues</title><a href="${PATH}/">Queues</a>`,
        )
    )
  })

  const board = new FastifyAdapter()
  createBullBoard({
    queues: options.queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Portcullis queues', hideRedisDetails: true } },
  })
  board.setBasePath(PATH)
  // Its own would tell what the database said, and call an address that leads out of its files a fault of ours.
  board.setErrorHandler((error) =>
    isOfTheAsker(error)
      ? { status: 404, body: { error: 'the queues have no such page' } }
      : {
          status: 500,
          body: { error: 'the queues could not be read; the log of the API says why' },
        },
  )

  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      reply.header('Content-Security-Policy', BOARD_POLICY)
      try {
        await unlessPermitted(await callerOf(request))
        unlessLooking(request)
      } catch (error) {
        // Here, because the board has a handler of errors of its own.
        sendProblem(error, request, reply)
        return reply
      }
    })
    scope.addHook('onError', async (request, _reply: FastifyReply, { message }) => {
      request.log.warn({ error: message }, 'the queues could not be read')
    })
    await scope.register(board.registerPlugin(), { prefix: PATH })
  })
}

/** What the framework refuses on its own: a bad address, a path out of the folder of files. */
const isOfTheAsker = (error: Error): boolean =>
  'statusCode' in error && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500

/** The board changes nothing, whatever it is asked: so no other site can make it. */
const unlessLooking = ({ method }: FastifyRequest): void => {
  if (method !== 'GET' && method !== 'HEAD')
    throw new ApiProblem(405, 'queues.read-only', 'the queues can be looked at, not changed', {
      headers: { Allow: 'GET, HEAD' },
    })
}

const cookieIn = (header: string | undefined): string | undefined =>
  header
    ?.split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1)
