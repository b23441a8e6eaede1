import { type Deployment, linesOf, openDeployment } from '@portcullis/operator/testing'
import { connectSession } from '@portcullis/postgres'
import { testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const WAIT = { timeout: 60_000, interval: 200 }

describe('a paused projection', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  let deployment: Deployment
  let table: string
  let url: string

  beforeAll(async () => {
    database = await testDatabase()
    deployment = await openDeployment({ DATABASE_URL: database.url })
    await deployment.loadSample()
    const engine = deployment.start('all')
    await engine.says('"event":"started"')
    url = String(linesOf(engine.stdout).find(({ event }) => event === 'started')?.url)
    const { rows } = await database.pool.query<{ name: string }>(
      `select tablename as name from pg_tables
       where schemaname = 'portcullis_views' and tablename ~ '^requests_v[0-9]+$'`,
    )
    table = String(rows[0]?.name)
  })
  afterAll(async () => {
    await deployment?.close()
    await database?.close()
  })

  const rename = async (from: string, to: string): Promise<void> => {
    const client = await connectSession({ url: database.url, applicationName: 'test' })
    await client.query(`alter table portcullis_views.${from} rename to ${to}`)
    await client.end()
  }
  const statusOf = async (name: string) => {
    const { stdout } = await deployment.run('projection status --json')
    const [{ projections = [] } = {}] = linesOf(stdout)
    return (Array.isArray(projections) ? projections : []).find((each) => each.name === name)
  }
  /** Breaks the view, and has the event of a request met by it. @returns its position */
  const standStill = async (subject: string): Promise<string> => {
    await rename(table, 'requests_lost')
    // The command line would wait for the view.
    const token = (await deployment.run(`token --as ${subject}`)).stdout.trim()
    const answer = await fetch(`${url}/v1/access-packages/marketing-basics/requests`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({ justification: 'sample' }),
    })
    expect(answer.status).toBeLessThan(300)
    await vi.waitFor(
      async () => expect(await statusOf('entitlements')).toMatchObject({ state: 'paused' }),
      WAIT,
    )
    const { code, stderr, stdout } = await deployment.run('projection status')
    expect([code, stderr]).toEqual([1, expect.stringContaining('paused: entitlements')])
    await rename('requests_lost', table)
    return /event at position (\d+): /.exec(stdout)?.[1] ?? ''
  }
  const live = () =>
    vi.waitFor(
      async () => expect(await statusOf('entitlements')).toMatchObject({ state: 'live' }),
      WAIT,
    )
  const differs = async () => (await deployment.run('projection verify entitlements')).code !== 0

  it('tries its event again by `projection resume`', async () => {
    await standStill('alice')
    expect(await deployment.run('projection resume entitlements')).toMatchObject({ code: 0 })
    await live()
    expect(await differs()).toBe(false)
    expect(await deployment.run('projection resume entitlements')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('entitlements is not paused'),
    })
    expect(await deployment.run('projection resume mail')).toMatchObject({ code: 1 })
    expect(await deployment.run('projection resume mails')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no projection mails; .*reactors jobs, mail/),
    })
  })

  it('goes on behind its event by `projection skip`, ordered by who may, for the event that it stands at', async () => {
    const position = await standStill('birte-lorenzen')
    const skip = (more: string, at = position) =>
      deployment.run(`projection skip entitlements --position ${at} ${more}`)
    expect(await skip('--as carol')).toMatchObject({ code: 2 })
    expect(await skip('--why bug')).toMatchObject({ code: 2 })
    expect(await skip('--why bug --as bob')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('that takes a User administrator'),
    })
    expect(await skip('--why bug --as carol', String(Number(position) - 1))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`it is paused at ${position}`),
    })
    expect(await statusOf('entitlements')).toMatchObject({ state: 'paused' })
    expect(await deployment.run('projection skipped')).toMatchObject({
      stdout: 'Nothing was ever skipped.\n',
    })

    const skipped = await skip('--why bug-4711 --as carol')
    expect(skipped).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'RequestSubmitted.v1 of entitlement-marketing-basics.birte-lorenzen',
      ),
    })
    await live()
    expect(await skip('--why again --as carol')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it is not paused'),
    })
    const [kept] = linesOf((await deployment.run('projection skipped --json')).stdout)
    expect(kept?.skipped).toEqual([
      {
        subscription: expect.stringMatching(/^projection\.entitlements\.v\d+$/),
        position,
        event: {
          id: expect.any(String),
          type: 'RequestSubmitted.v1',
          stream: 'entitlement-marketing-basics.birte-lorenzen',
        },
        error: expect.stringContaining(table),
        by: 'carol',
        reason: 'bug-4711',
        at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ])
    const { stdout } = await deployment.run('projection skipped')
    expect(stdout).toMatch(/carol .*bug-4711/)

    // What was left out is missing until the view is filled anew.
    expect(await differs()).toBe(true)
    expect(await deployment.run('projection rebuild entitlements')).toMatchObject({ code: 0 })
    expect(await differs()).toBe(false)
  })
})
