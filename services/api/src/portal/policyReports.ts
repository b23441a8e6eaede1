import type { Clock } from '@portcullis/core'
import type { Monitor } from '@portcullis/runtime'
import type { FastifyInstance } from 'fastify'
import { ApiProblem } from '../problems.ts'
import { REPORTS_PATH } from './portalHeaders.ts'

export interface PolicyReportOptions {
  readonly monitor: { readonly instruments: Pick<Monitor['instruments'], 'policyReports'> }
  readonly clock: Clock
}

const MINUTE_MILLIS = 60_000
/** Anybody can send a report, and nobody is asked who they are: more than these a minute are not read. */
const MOST_A_MINUTE = 120
/** Largest report, bytes. */
const MOST_BYTES = 16 * 1024
/** Most reports of one body that are counted. */
const MOST_OF_ONE = 20

/**
 * Counts what browsers say that a page's policy forbade, by directive. Nothing of a report is kept or logged: addresses
 * in it hold ids of people, and the sender may be anybody.
 */
export const addPolicyReports = (app: FastifyInstance, options: PolicyReportOptions): void => {
  const { policyReports } = options.monitor.instruments
  let minute = { began: 0, count: 0 }
  const admit = (): void => {
    const now = Date.parse(options.clock.now())
    // Also when the clock was set back.
    if (Math.abs(now - minute.began) >= MINUTE_MILLIS) minute = { began: now, count: 0 }
    minute.count += 1
    if (minute.count > MOST_A_MINUTE)
      throw new ApiProblem(
        429,
        'http.too-many-requests',
        'there are too many reports this minute',
        {
          headers: { 'Retry-After': '60' },
        },
      )
  }
  app.register(async (scope) => {
    scope.addContentTypeParser(
      ['application/csp-report', 'application/reports+json'],
      { parseAs: 'string', bodyLimit: MOST_BYTES },
      (_request, body, done) => done(null, body),
    )
    scope.post(
      REPORTS_PATH,
      { bodyLimit: MOST_BYTES, onRequest: async () => admit() },
      async (request, reply) => {
        for (const directive of directivesOf(request.body)) policyReports.inc({ directive })
        return reply.code(204).send()
      },
    )
  })
}

const KNOWN: ReadonlySet<string> = new Set([
  'base-uri',
  'connect-src',
  'font-src',
  'form-action',
  'frame-ancestors',
  'img-src',
  'manifest-src',
  'require-trusted-types-for',
  'script-src',
  'script-src-attr',
  'script-src-elem',
  'style-src',
  'style-src-attr',
  'style-src-elem',
  'trusted-types',
])

/** Of both kinds of report: one object with dashes in its names, or a list of objects without. */
const directivesOf = (body: unknown): readonly string[] => {
  const found = parsed(body)
  const reports = Array.isArray(found) ? found.slice(0, MOST_OF_ONE) : [found]
  return reports.map((report) => {
    const inner = fieldOf(report, 'csp-report') ?? fieldOf(report, 'body')
    const named = fieldOf(inner, 'effective-directive') ?? fieldOf(inner, 'effectiveDirective')
    return typeof named === 'string' && KNOWN.has(named) ? named : 'other'
  })
}

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined

const parsed = (body: unknown): unknown => {
  if (typeof body !== 'string') return body
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
