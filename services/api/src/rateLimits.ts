import rateLimit from '@fastify/rate-limit'
import type { Caller } from '@portcullis/engine'
import type { RateLimits } from '@portcullis/runtime'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiProblem } from './problems.ts'

/** Without a limit: nothing that a load balancer asks, and asks all the time. */
const PROBES: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz'])
/**
 * This machine's own: a proxy beside us would count as one client, and a program here needs no network to be in the
 * way.
 */
const OWN_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/
const MINUTE_MILLIS = 60_000
/** Clients that are counted at once; the one that hasn't come for longest is forgotten. */
const MOST_CLIENTS = 20_000

/**
 * Limits what one address and one person or service may ask in a minute, each process separately. What is over it is
 * answered 429 with `Retry-After`, before anything is read.
 * @returns to be called once a request's caller is known; throws ApiProblem 429 `http.too-many-requests`
 */
export const limitRates = (
  app: FastifyInstance,
  { perCaller, perAddress, exemptServices }: RateLimits,
): ((request: FastifyRequest, caller: Caller) => Promise<void>) => {
  const callers = new WeakMap<FastifyRequest, Caller['actor']>()
  const exempt = new Set(exemptServices)
  let check: ((request: FastifyRequest) => Promise<void>) | undefined
  app.register(rateLimit, { global: false, cache: MOST_CLIENTS })
  app.after(() => {
    const limited = (whose: string, max: number, keyOf: (request: FastifyRequest) => string) => {
      const count = app.createRateLimit({
        max,
        timeWindow: MINUTE_MILLIS,
        keyGenerator: keyOf,
      })
      return async (request: FastifyRequest): Promise<void> => {
        const found = await count(request)
        if (!found.isAllowed && found.isExceeded) throw tooMany(whose, max, found.ttlInSeconds)
      }
    }
    if (perAddress > 0) {
      const checkAddress = limited('one address', perAddress, ({ ip }) => ip)
      app.addHook('onRequest', async (request) => {
        if (PROBES.has(request.routeOptions.url) || OWN_ADDRESS.test(request.ip)) return
        await checkAddress(request)
      })
    }
    if (perCaller > 0)
      check = limited('one person or service', perCaller, (request) => {
        const actor = callers.get(request)
        return `${actor?.kind}:${actor?.id}`
      })
  })
  return async (request, { actor }) => {
    if (check === undefined || (actor.kind === 'service' && exempt.has(actor.id))) return
    callers.set(request, actor)
    await check(request)
  }
}

/**
 * Limits what one address may ask of some routes in a minute, besides what it may ask of all. To be called after {@link
 * limitRates}.
 * @returns to be called with such a request; throws ApiProblem 429
 */
export const limitAddress = (
  app: FastifyInstance,
  max: number,
): ((request: FastifyRequest) => Promise<void>) => {
  let check: ReturnType<FastifyInstance['createRateLimit']> | undefined
  if (max > 0)
    app.after(() => {
      check = app.createRateLimit({ max, timeWindow: MINUTE_MILLIS, keyGenerator: ({ ip }) => ip })
    })
  return async (request) => {
    if (check === undefined || OWN_ADDRESS.test(request.ip)) return
    const found = await check(request)
    if (!found.isAllowed && found.isExceeded) throw tooMany('one address', max, found.ttlInSeconds)
  }
}

const tooMany = (whose: string, max: number, seconds: number): ApiProblem =>
  new ApiProblem(
    429,
    'http.too-many-requests',
    `${whose} may send ${max} requests a minute; send it again in ${seconds} s`,
    { headers: { 'Retry-After': String(Math.max(1, seconds)) } },
  )
