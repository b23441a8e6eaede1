import { createInstruments } from '@portcullis/runtime'
import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import { answerFaults } from '../errorAnswers.ts'
import { acceptJsonOnly } from '../jsonBody.ts'
import { addPolicyReports } from './policyReports.ts'

const reports = () => {
  const app = fastify()
  let now = '2026-12-01T10:00:00.000Z'
  const instruments = createInstruments({ process: false })
  acceptJsonOnly(app)
  answerFaults(app)
  addPolicyReports(app, { monitor: { instruments }, clock: { now: () => now } })
  const send = async (body: unknown, type = 'application/reports+json') =>
    (
      await app.inject({
        method: 'POST',
        url: '/csp-reports',
        headers: { 'content-type': type },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      })
    ).statusCode
  const counted = async () =>
    Object.fromEntries(
      (await instruments.policyReports.get()).values.map(({ labels, value }) => [
        labels.directive,
        value,
      ]),
    )
  return { send, counted, setNow: (instant: string) => (now = instant) }
}
const report = (effectiveDirective: unknown) => ({
  type: 'csp-violation',
  body: { effectiveDirective },
})

describe('reports of the policy', () => {
  it('are counted by directive, in both of their shapes', async () => {
    const { send, counted } = reports()
    expect(await send([report('script-src-elem'), report('style-src-attr')])).toBe(204)
    const old = { 'csp-report': { 'effective-directive': 'script-src-elem' } }
    expect(await send(old, 'application/csp-report')).toBe(204)
    expect(await counted()).toEqual({ 'script-src-elem': 2, 'style-src-attr': 1 })
  })

  it('make no labels of what a stranger writes', async () => {
    const { send, counted } = reports()
    for (const body of [[report('x"} 1\n')], [report({})], 'not json', 'null', '[]', '[null]', '7'])
      expect(await send(body)).toBe(204)
    expect(await counted()).toEqual({ other: 6 })
  })

  it('are bounded in size and number', async () => {
    const { send, counted, setNow } = reports()
    expect(await send('x'.repeat(16 * 1024 + 1))).toBe(413)
    expect(await send(Array.from({ length: 200 }, () => report('img-src')))).toBe(204)
    expect(await counted()).toEqual({ 'img-src': 20 })
    for (let sent = 2; sent < 120; sent += 1) await send([])
    expect(await send([report('img-src')])).toBe(429)
    setNow('2026-12-01T10:01:00.000Z')
    expect(await send([report('img-src')])).toBe(204)
    expect(await counted()).toEqual({ 'img-src': 21 })
  })
})
