import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createInstruments } from '@portcullis/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { dashboardSchema, rulesSchema } from './testing/dashboard.ts'
import { approvedBy, givenPackage, request, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'
import { metricsIn, samplesIn, usedBy } from './testing/promql.ts'

const fileOf = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')

const dashboard = dashboardSchema.parse(
  JSON.parse(fileOf('infra/grafana/dashboards/portcullis.json')),
)
const rules = rulesSchema.parse(parse(fileOf('infra/prometheus/portcullis.rules.yml')))

/** What Prometheus adds to each sample. */
const OF_PROMETHEUS = ['job', 'instance']

const QUERIES = [
  ...dashboard.panels.flatMap((panel) =>
    panel.type === 'row'
      ? []
      : panel.targets.map(({ expr, legendFormat }) => ({
          of: `panel ${panel.title}`,
          expr,
          shown: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
        })),
  ),
  ...rules.groups.flatMap((group) =>
    group.rules.map(({ alert, expr, annotations }) => ({
      of: `alert ${alert}`,
      expr,
      shown: [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(
        ([, label = '']) => label,
      ),
    })),
  ),
]

const TELLTALE = {
  why: 'Telltale-Reason-7431 for the merger',
  decision: 'Telltale-Verdict-5512',
  name: 'Telltale-Package-9923',
}

describe('seeing inside a running engine', () => {
  let engine: Engine
  /** What each process tells of itself. */
  let own: string
  let shared: string
  /** What Node says of each process: here it's the test's own. */
  let ofNode: string
  const lines: string[] = []
  let failed: Response

  /**
   * A story that touches everything: requests, decisions, mails, targets that fail, deadlines that fire, access that is
   * taken away.
   */
  beforeAll(async () => {
    engine = await openEngine({ logged: (line) => lines.push(line) })
    const sam = engine.as('sam')
    const asked = await givenPackage(engine, {
      displayName: TELLTALE.name,
      requestorJustification: true,
      approval: approvedBy([user('bob')], { approverJustification: true }),
      expiration: { kind: 'afterHours', hours: 2 },
    })
    const requestId = await request(sam, asked, { justification: TELLTALE.why })
    await engine.quiet()
    await engine.as('bob').ok('approveRequest', { requestId, justification: TELLTALE.decision })
    const short = { expiration: { kind: 'afterHours', hours: 2 } } as const
    await request(engine.as('tess'), await givenPackage(engine, short, { roles: ['crm.user'] }))
    await engine.quiet()
    engine.shaky.down()
    await engine.advance({ hours: 3 })
    // Beyond what may take a while; nobody tries again.
    await engine.jumpTo(new Date(Date.parse(engine.clock.now()) + 7_200_000).toISOString())

    const token = await engine.token('alice')
    const read = async (path: string): Promise<string> => {
      const answer = await fetch(`${engine.url}${path}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(answer.status).toBe(200)
      return answer.text()
    }
    await fetch(`${engine.url}/v1/me?mail=sam@example.org`, {
      headers: { authorization: 'Bearer Telltale-Token-1188' },
    })
    const others = engine.others.map(({ instruments }) => instruments.registry.metrics())
    own = [await read('/metrics'), ...(await Promise.all(others))].join('\n')
    shared = await read('/metrics/engine')
    ofNode = await createInstruments({ process: true }).registry.metrics()
    // An error that nobody foresaw, with a person's name in the address and a reason in the body.
    await engine.runtime.pool.query('alter table portcullis_directory.people rename to gone')
    failed = await fetch(`${engine.url}/v1/access-packages/${asked}/requests`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await engine.token('uma')}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({ justification: TELLTALE.why }),
    })
    await engine.runtime.pool.query('alter table portcullis_directory.gone rename to people')
  })
  afterAll(() => engine?.close())

  it.each(QUERIES.map((query) => [query.of, query] as const))(
    '%s uses what is exposed',
    (_, { expr, shown }) => {
      const samples = new Map([...samplesIn(ofNode), ...samplesIn(own), ...samplesIn(shared)])
      samples.set('up', new Set())
      const used = usedBy(expr)
      expect(used.length).toBeGreaterThan(0)
      const known = (metric: string) => [...(samples.get(metric) ?? []), ...OF_PROMETHEUS]
      for (const { metric, labels } of used) {
        expect([metric, samples.has(metric)]).toEqual([metric, true])
        expect(known(metric)).toEqual(expect.arrayContaining([...labels]))
      }
      const ours = used.filter(({ metric }) => samples.has(metric))
      if (ours.length > 0)
        expect(ours.flatMap(({ metric }) => known(metric))).toEqual(expect.arrayContaining(shown))
    },
  )

  it('panels have a place each, and an id', () => {
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })

  it('the reference page has each of our metrics once, and none that is not there', () => {
    const told = [...fileOf('docs/reference/metrics.md').matchAll(/^\| `(portcullis_\w+)` \|/gm)]
    expect(told.map(([, name]) => name).sort()).toEqual(
      [...new Set([...metricsIn(own), ...metricsIn(shared)])].sort(),
    )
  })

  it('no metric is in both answers, so that nothing is added up twice', () => {
    const both = metricsIn(own).filter((name) => metricsIn(shared).includes(name))
    expect(both).toEqual([])
  })

  it('labels name no people, packages, requests or mails', () => {
    for (const text of [own, shared])
      expect(text).not.toMatch(/sam|tess|bob|package-[0-9a-f]{8}|@|Telltale/)
  })

  it('no line of the log names a person, an address or a reason, not even of an error', () => {
    const log = lines.join('')
    expect(failed.status).toBe(500)
    const requestId = failed.headers.get('x-request-id')
    expect(lines.find((line) => line.includes('a request failed'))).toContain(requestId)
    expect(log).toContain('"msg":"answered"')
    expect(log).not.toMatch(/Telltale|@example|Staff\b|Aguilar|\b(?:sam|tess|uma|bob)\b/)
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
  })
})
