import type { ReadinessReport } from '@portcullis/runtime'
import { describe, expect, it } from 'vitest'
import { fakeApplication } from '../testing/fakeApplication.ts'
import { fakeMonitor } from '../testing/fakeMonitor.ts'
import { testApi } from '../testing/testApi.ts'

const apiThatIs = (report: ReadinessReport) =>
  testApi(fakeApplication(), {
    monitor: fakeMonitor({
      readiness: {
        report: async () => report,
        drain: () => {},
        draining: report.status === 'draining',
      },
    }),
  })

const checks = {
  store: { status: 'ok' },
  database: { status: 'failing', reason: 'it can not be reached; see the log' },
} as const

describe('probes', () => {
  it('tell whether the process is alive, and nothing else, whatever state it is in', async () => {
    for (const status of ['ready', 'not-ready', 'draining'] as const) {
      const answer = await apiThatIs({ status, checks }).inject('/healthz')
      expect(answer).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' })
    }
  })

  it('tell whether it should be sent work, with what is wrong', async () => {
    const ready = await apiThatIs({ status: 'ready', checks: {} }).inject('/readyz?from=lb')
    expect(ready.statusCode).toBe(200)
    expect(ready.headers.connection).not.toBe('close')
    const failing = await apiThatIs({ status: 'not-ready', checks }).inject('/readyz')
    expect(failing.statusCode).toBe(503)
    expect(failing.json()).toEqual({ status: 'not-ready', checks })
  })

  it('on the way out: not ready, and hung up on after each answer', async () => {
    const api = apiThatIs({ status: 'draining', checks: {} })
    const probed = await api.inject('/readyz')
    expect(probed).toMatchObject({ statusCode: 503 })
    expect(probed.headers.connection).toBe('close')
    const asked = await api.inject({ url: '/v1/me', headers: { authorization: 'user alice' } })
    expect(asked.statusCode).toBe(200)
    expect(asked.headers.connection).toBe('close')
  })
})
