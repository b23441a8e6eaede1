import { type Deployment, linesOf, openDeployment } from '@portcullis/operator/testing'
import { connectSession } from '@portcullis/postgres'
import { startTestServer } from '@portcullis/postgres/testing'
import { expect, it, onTestFinished, vi } from 'vitest'

const WAIT = { timeout: 120_000, interval: 20 }
const EACH = 20
const FULL = 'the database server has no connection left'
const STARTED = '"event":"started"'

/** A server of so few connections, and a deployment on it of which each process may have 20. */
const deploy = async (maxConnections: number) => {
  const server = await startTestServer({ maxConnections })
  onTestFinished(() => server.stop())
  const deployment = await openDeployment({
    DATABASE_URL: server.url,
    PORTCULLIS_DATABASE_CONNECTIONS: String(EACH),
  })
  onTestFinished(() => deployment.close())
  await deployment.loadSample()
  const session = () => connectSession({ url: server.url, applicationName: 'somebody else' })
  return { deployment, session }
}

/** Asks the API for so much at once that it can't have a connection for each. */
const askMuch = async ({ run }: Deployment, url: string): Promise<readonly number[]> => {
  const { stdout } = await run('token --as alice')
  const headers = { authorization: `Bearer ${stdout.trim()}` }
  return Promise.all(
    Array.from({ length: 200 }, async () => {
      const answer = await fetch(`${url}/v1/requests`, { headers })
      await answer.arrayBuffer()
      return answer.status
    }),
  )
}

it('each process keeps to its maximum, and an api and a worker do their work with it', async () => {
  const { deployment, session } = await deploy(2 * EACH + 4)
  const [api, worker] = [deployment.start('api'), deployment.start('worker')]
  const observer = await session()
  onTestFinished(() => observer.end())
  let most = 0
  let over = false
  const watching = (async () => {
    while (!over) {
      const { rows } = await observer.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      )
      most = Math.max(most, rows[0]?.count ?? 0)
    }
  })()
  await Promise.all([api.says(STARTED), worker.says(STARTED)])
  const url = String(linesOf(api.stdout).find(({ event }) => event === 'started')?.url)
  const statuses = new Set(await askMuch(deployment, url))
  await deployment.liveThrough()
  over = true
  await watching
  expect([...statuses]).toEqual([200])
  expect(most).toBeLessThanOrEqual(2 * EACH)
  for (const { code, stdout } of await deployment.stop()) {
    expect(code).toBe(0)
    expect(stdout).not.toContain(FULL)
  }
})

it('a server that others have filled is waited for, at the start and at work', async () => {
  const { deployment, session } = await deploy(2 * EACH)
  const taken: Awaited<ReturnType<typeof session>>[] = []
  /** Takes what the server has left, also what the engine has given back meanwhile. */
  const fill = async () => {
    try {
      for (;;) taken.push(await session())
    } catch (error) {
      expect(error).toMatchObject({ code: '53300' })
    }
  }
  const free = async () => {
    for (const client of taken.splice(0)) await client.end()
  }
  onTestFinished(free)
  await fill()
  const [api, worker] = [deployment.start('api'), deployment.start('worker')]
  await Promise.all([api.says(FULL), worker.says(FULL)])
  await free()
  await Promise.all([api.says(STARTED), worker.says(STARTED)])

  const url = String(linesOf(api.stdout).find(({ event }) => event === 'started')?.url)
  const before = api.stdout.length
  const statuses = new Set<number>()
  await vi.waitFor(async () => {
    await fill()
    for (const status of await askMuch(deployment, url)) statuses.add(status)
    expect(api.stdout.slice(before)).toContain(FULL)
  }, WAIT)
  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([])
  await free()
  await deployment.liveThrough()
  expect((await deployment.stop()).map(({ code }) => code)).toEqual([0, 0])
})
