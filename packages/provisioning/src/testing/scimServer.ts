import type { AddressInfo } from 'node:net'
import { type Clock, toMillis } from '@portcullis/core'
import express from 'express'
import SCIMMY from 'scimmy'
import SCIMMYRouters from 'scimmy-routers'
import { createScimDirectory, type Handled, type ScimDirectory } from './scimDirectory.ts'
import { type ScimWay, spoken } from './scimWays.ts'

/** What goes wrong with the next requests. */
export interface ScimFault {
  /** Answered instead of doing the thing; 500 when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Do the thing first, then answer with the fault: the target's answer gets lost. */
  readonly afterwards?: boolean
  /** Never answered; the caller has to give up. */
  readonly hang?: boolean
  readonly times: number
  /** Only requests of these methods; all when absent. */
  readonly methods?: readonly string[]
  /** Only requests whose address holds this; all when absent. */
  readonly address?: string
}

export interface ScimServer extends ScimDirectory {
  /** Base URL of the SCIM service, without a slash at its end. */
  readonly url: string
  readonly token: string
  /** Method and path with query of each request so far. */
  readonly requests: readonly {
    readonly method: string
    readonly url: string
    readonly body: unknown
  }[]
  /** `Content-Type` of each request with a body so far. */
  readonly contentTypes: readonly string[]
  fail(fault: ScimFault): void
  /** No faults any more. */
  heal(): void
  /** From now on answers with everybody, as some services do with filters that they don't know. */
  ignoreFilters(): void
  /**
   * From now on resources have versions, and only what is named in its present one is changed (RFC 7644 §3.14).
   * @param where they are told; `whole`: only in the header of an answer with all attributes
   */
  offerVersions(where?: 'meta' | 'header' | 'whole'): void
  /** From now on says things in another way: what it answers is given through. */
  speak(way: ScimWay): void
  /** From now on gives at most so many resources in a list. */
  pageBy(most: number): void
  /** From now on takes so many requests in each second of the clock, and answers more with 429 and `Retry-After: 1`. */
  limitTo(perSecond: number, clock: Clock): void
  close(): Promise<void>
}

// SCIMMY keeps its resource types in one place for the whole process; each request brings its server's directory as
// context.
let declared = false
const declareResources = (): void => {
  if (declared) return
  declared = true
  SCIMMY.Resources.declare(SCIMMY.Resources.User, {
    egress: (resource: Handled, directory: ScimDirectory) => directory.readUsers(resource),
    ingress: (resource: Handled, instance: object, directory: ScimDirectory) =>
      directory.writeUser(resource, instance),
  })
  SCIMMY.Resources.declare(SCIMMY.Resources.Group, {
    egress: (resource: Handled, directory: ScimDirectory) => directory.readGroups(resource),
    ingress: (resource: Handled, instance: object, directory: ScimDirectory) =>
      directory.writeGroup(resource, instance),
  })
}

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error'

/**
 * A real SCIM service on loopback (express, scimmy), with people and groups in memory and faults on demand.
 * @param onRequest told of each request before anything is done about it
 */
export const startScimServer = async (onRequest?: () => void): Promise<ScimServer> => {
  declareResources()
  const token = 'scim-test-token.0123456789'
  const directory = createScimDirectory()
  const requests: { method: string; url: string; body: unknown }[] = []
  const contentTypes: string[] = []
  let faults: ScimFault[] = []
  let filters = true
  let versions: 'meta' | 'header' | 'whole' | undefined
  let pages: number | undefined
  let limit: (() => boolean) | undefined
  const ways: ScimWay[] = []
  const app = express()
  // SCIMMY expects numbers for paging; express 5 reads the query anew each time it is asked, so it is read once here.
  app.use((request, _response, next) => {
    const query: Record<string, unknown> = { ...request.query }
    if (!filters) delete query.filter
    if (pages !== undefined) query.count = Math.min(Number(query.count ?? pages), pages)
    Object.defineProperty(request, 'query', { value: query })
    next()
  })
  app.use(express.json({ type: ['application/scim+json', 'application/json'] }))
  app.use((request, response, next) => {
    const { method, url, body } = request
    requests.push({ method, url, body })
    const contentType = request.header('content-type')
    if (contentType !== undefined) contentTypes.push(contentType)
    onRequest?.()
    if (limit?.() === false) return void response.set('retry-after', '1').status(429).end()
    const fault = faults.find(
      ({ methods, address = '' }) =>
        (methods?.includes(request.method) ?? true) && request.url.includes(address),
    )
    if (fault === undefined) return next()
    faults = faults.flatMap((f) =>
      f !== fault ? [f] : f.times > 1 ? [{ ...f, times: f.times - 1 }] : [],
    )
    const answer = () => {
      if (fault.hang) return
      response.status(fault.status ?? 500)
      for (const [header, value] of Object.entries(fault.headers ?? {})) response.set(header, value)
      response.end(fault.body ?? '')
    }
    if (!fault.afterwards) return answer()
    response.send = () => {
      answer()
      return response
    }
    next()
  })
  // SCIMMY patches by reading, changing and writing; one request at a time makes that atomic, as a real service's is.
  let previous: Promise<void> = Promise.resolve()
  app.use((_request, response, next) => {
    const turn = previous
    const done = Promise.withResolvers<void>()
    previous = done.promise
    response.on('close', () => done.resolve())
    turn.then(() => next())
  })
  app.use((request, response, next) => {
    if (ways.length > 0) spoken(ways, request, response)
    next()
  })
  app.use((request, response, next) => {
    const version = versions ? directory.versionOf(request.path.split('/')[3] ?? '') : undefined
    if (version === undefined) return next()
    const whole = !('attributes' in request.query)
    if (versions === 'header' || (versions === 'whole' && whole)) response.set('etag', version)
    if (request.method !== 'PATCH' || request.header('if-match') === version) return next()
    response.status(request.header('if-match') === undefined ? 428 : 412)
    response.json({
      schemas: [ERROR_SCHEMA],
      status: String(response.statusCode),
      detail: 'changed',
    })
  })
  app.use(
    '/scim',
    new SCIMMYRouters({
      type: 'bearer',
      handler: (request) => {
        if (request.header('authorization') === `Bearer ${token}`) return 'portcullis'
        // Repeats what it was given, as careless services do.
        throw new Error(`wrong credentials: ${request.header('authorization')}`)
      },
      context: () => directory,
    }),
  )
  const server = app.listen(0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', reject)
  })
  // A machine that is suspended for seconds would find connections closed that a request is just sent on.
  server.keepAliveTimeout = 0
  const { port } = server.address() as AddressInfo
  return {
    ...directory,
    url: `http://127.0.0.1:${port}/scim`,
    token,
    requests,
    contentTypes,
    fail: (fault) => {
      faults.push(fault)
    },
    heal: () => {
      faults = []
    },
    ignoreFilters: () => {
      filters = false
    },
    offerVersions: (where = 'meta') => {
      versions = where
      if (where === 'meta') directory.showVersions()
    },
    speak: (way) => {
      ways.push(way)
    },
    pageBy: (most) => {
      pages = most
    },
    limitTo: (perSecond, clock) => {
      limit = perSecondOf(perSecond, clock)
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

const perSecondOf = (perSecond: number, clock: Clock): (() => boolean) => {
  let second = 0
  let taken = 0
  return () => {
    const now = Math.floor(toMillis(clock.now()) / 1000)
    if (now !== second) [second, taken] = [now, 0]
    taken += 1
    return taken <= perSecond
  }
}
