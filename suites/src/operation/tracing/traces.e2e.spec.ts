import { randomBytes } from 'node:crypto'
import { createTokenIssuer } from '@portcullis/api'
import { JOB_ROUTER, MAIL_REACTOR, silentLog } from '@portcullis/engine'
import { dataPaths, openRuntime, type Runtime, readConfig, systemClock } from '@portcullis/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createEngineProcess,
  type EngineProcess,
  runCli,
} from '../../crash/testing/engineProcess.ts'
import { packageBodies } from '../../crash/testing/organisation.ts'
import { openStage, type Stage } from '../../crash/testing/stage.ts'
import { type CollectedSpan, type Collector, startCollector } from './testing/collector.ts'

/** As OTLP numbers them. */
const SERVER = 2
const CLIENT = 3
const CONSUMER = 5
const PATIENCE = 60_000
/** Processes, a database, an import, on a machine that does other things as well. */
const START_PATIENCE = 180_000
const HTTP_SPAN = 'POST /v1/access-packages/:packageId/requests'

const newTrace = (flags: '00' | '01') => {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` }
}

describe('traces of an api process and a worker process', () => {
  let collector: Collector
  let stage: Stage
  let api: EngineProcess
  let worker: EngineProcess
  let runtime: Runtime
  const tokens = new Map<string, string>()

  const post = async (
    as: string,
    path: string,
    body: object,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const response = await fetch(`${stage.urls[0]}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${tokens.get(as)}`,
        ...headers,
      },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
  }
  const request = (subjectId: string, { traceparent }: { readonly traceparent: string }) =>
    post(
      subjectId,
      '/v1/access-packages/basics/requests',
      { subjectId, policyId: 'basics-open' },
      { traceparent, 'x-request-id': `request-of-${subjectId}` },
    )
  const settled = async (): Promise<void> => {
    const head = await runtime.store.head()
    const seen =
      (await runtime.projections.waitFor(head, PATIENCE)) &&
      (await runtime.progress.waitFor([JOB_ROUTER, MAIL_REACTOR], head, PATIENCE))
    expect(seen).toBe(true)
  }
  /** Waits for a mail to be sent in a trace: the last thing to happen. */
  const mailIn = (has: (span: CollectedSpan) => boolean): Promise<CollectedSpan> =>
    collector.until((spans) => spans.find((span) => span.name === 'send mail' && has(span)))

  beforeAll(async () => {
    collector = await startCollector()
    stage = await openStage({ database: 'server', seen: () => {} })
    const env = (service: string) => ({
      ...stage.env,
      // No sweep does what a slow machine has not come to yet.
      PORTCULLIS_STALE_SECONDS: '3600',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_SERVICE_NAME: service,
    })
    api = createEngineProcess('api', env('api'), stage.logFile)
    worker = createEngineProcess('worker', env('worker'), stage.logFile)
    await api.start()
    await runCli(['import', stage.organisation], stage.env)
    const issue = await createTokenIssuer({
      keyDir: dataPaths(stage.dataDir).keys,
      clock: systemClock,
    })
    for (const sub of ['p001', 'p002', 'p003'])
      tokens.set(sub, (await issue({ sub, kind: 'user', ttlSeconds: 600 })).token)
    const admin = { sub: 'hr', kind: 'service', roles: ['UserAdministrator'] } as const
    tokens.set('hr', (await issue({ ...admin, ttlSeconds: 600 })).token)
    runtime = await openRuntime(readConfig(stage.env, stage.dataDir), {
      log: silentLog,
      database: 'attach',
    })
  }, START_PATIENCE)
  afterAll(async () => {
    await runtime?.close()
    await Promise.all([api?.stop(), worker?.stop()])
    await stage?.close()
    await collector?.close()
  }, PATIENCE)

  it(
    'a batch begins a trace of its own that links to every request in it',
    async () => {
      const unrecorded = newTrace('00')
      const [basics = {}] = packageBodies
      await post('hr', '/v1/access-packages', basics, { traceparent: unrecorded.traceparent })
      // Nobody works yet: what is asked for now is found together, as after an outage.
      const traces = [newTrace('01'), newTrace('01')] as const
      await request('p001', traces[0])
      await request('p002', traces[1])
      await worker.start()
      const job = await collector.until((spans) =>
        spans.find(({ name, links }) => name === 'process provision' && links.length === 2),
      )
      expect(job.parentSpanId ?? '').toBe('')
      const appends = traces.map(({ traceId }) =>
        collector.spans.find((span) => span.name === 'append' && span.traceId === traceId),
      )
      expect(new Set(job.links.map(({ traceId, spanId }) => `${traceId} ${spanId}`))).toEqual(
        new Set(appends.map((append) => `${append?.traceId} ${append?.spanId}`)),
      )
      expect(job.links.map((link) => link.attributes['portcullis.correlation_id']).sort()).toEqual([
        'request-of-p001',
        'request-of-p002',
      ])
      // A batch of three, of which one wasn't recorded.
      const projected = collector.spans.find(
        ({ name, links }) => name.startsWith('project ') && links.length === 2,
      )
      expect(projected?.parentSpanId ?? '').toBe('')
      await mailIn(({ traceId }) => traceId === job.traceId)
      expect(collector.spans.filter(({ traceId }) => traceId === unrecorded.traceId)).toEqual([])
    },
    PATIENCE,
  )

  it(
    'one request is one trace, from the HTTP request to the target and the mail',
    async () => {
      await settled()
      const from = newTrace('01')
      await request('p003', from)
      await mailIn(({ traceId }) => traceId === from.traceId)
      await settled()
      const needed = ['project grants', 'project entitlements']
      await collector.until((all) => {
        const names = all.filter(({ traceId }) => traceId === from.traceId).map(({ name }) => name)
        return needed.every((name) => names.includes(name)) ? true : undefined
      })

      const spans = collector.spans.filter(({ traceId }) => traceId === from.traceId)
      const byId = new Map(spans.map((span) => [span.spanId, span]))
      const parentOf = ({ parentSpanId = '' }: CollectedSpan) => byId.get(parentSpanId)
      const under = (name: string) =>
        new Set(spans.filter((span) => span.name === name).map((span) => parentOf(span)?.name))
      const kindsOf = (name: string) =>
        new Set(spans.filter((span) => span.name === name).map(({ kind }) => kind))

      const [http, ...otherHttp] = spans.filter(({ kind }) => kind === SERVER)
      expect(otherHttp).toEqual([])
      expect(http).toMatchObject({
        name: HTTP_SPAN,
        parentSpanId: from.spanId,
        service: 'api',
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/v1/access-packages/:packageId/requests',
          'portcullis.correlation_id': 'request-of-p003',
        },
      })
      expect(Number(http?.attributes['http.response.status_code'])).toBe(201)
      // Every other one hangs on one of the same trace.
      expect(spans.filter((span) => span !== http && parentOf(span) === undefined)).toEqual([])

      expect(under('command SubmitRequest')).toEqual(new Set([HTTP_SPAN]))
      expect(under('decide')).toEqual(new Set(['command SubmitRequest', 'process provision']))
      expect(under('append')).toEqual(new Set(['command SubmitRequest', 'process provision']))
      for (const name of needed) expect(under(name)).toEqual(new Set(['append']))
      expect(under('react reactor:jobs')).toEqual(new Set(['append']))
      expect(under('process provision')).toEqual(new Set(['append']))
      expect(under('read back scim')).toEqual(new Set(['process provision']))
      expect(under('grant scim')).toEqual(new Set(['process provision']))
      expect(under('process mail')).toEqual(new Set(['append']))
      expect(under('send mail')).toEqual(new Set(['process mail']))
      for (const name of ['append', 'grant scim', 'send mail'])
        expect(kindsOf(name)).toEqual(new Set([CLIENT]))
      for (const name of ['process provision', 'react reactor:jobs', 'project grants'])
        expect(kindsOf(name)).toEqual(new Set([CONSUMER]))

      const services = new Set(spans.map(({ service }) => service))
      expect(services).toEqual(new Set(['api', 'worker']))
      const delivered = spans.find(({ name }) => name === 'grant scim')
      expect(delivered).toMatchObject({
        service: 'worker',
        attributes: {
          'portcullis.connector': 'scim',
          'portcullis.correlation_id': 'request-of-p003',
        },
      })
      // Neither names, nor addresses, nor ids of people.
      const { 'portcullis.correlation_id': _, ...told } = delivered?.attributes ?? {}
      expect(JSON.stringify(told)).not.toMatch(/p003|Person|@/)
      expect(spans.filter(({ status }) => status.code !== 0)).toEqual([])
    },
    PATIENCE,
  )
})
