import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  environment,
  linesOf,
  type Running,
  runCommand,
  startCommand,
  temporaryFolder,
} from '@portcullis/operator/testing'
import { testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const probeAnswer = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.object({ status: z.string() })).optional(),
})

describe('probes of real processes', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let database: Awaited<ReturnType<typeof testDatabase>>
  const processes: Running[] = []
  const env = (more: Readonly<Record<string, string>> = {}) =>
    environment({
      PORTCULLIS_DATA: `${folder.path}/data`,
      PORTCULLIS_DRAIN_SECONDS: '300',
      DATABASE_URL: database.url,
      ...more,
    })
  const start = (part: string, more: Readonly<Record<string, string>> = {}): Running => {
    const process = startCommand(['start', part, '--json'], env(more))
    processes.push(process)
    return process
  }
  /** The answer's status and body; undefined when nobody listens. */
  const ask = async (url: string) => {
    const answer = await fetch(url).catch(() => undefined)
    return answer && { status: answer.status, body: probeAnswer.parse(await answer.json()) }
  }
  const until = async (url: string, wanted: number) => {
    let answer = await ask(url)
    while (answer?.status !== wanted) answer = await ask(url)
    return answer
  }

  beforeAll(async () => {
    folder = await temporaryFolder()
    database = await testDatabase()
  })
  afterAll(async () => {
    // Those that drain would go on for minutes.
    for (const process of processes) process.signal('SIGKILL')
    await Promise.all(processes.map(({ ended }) => ended))
    await database?.close()
    await folder?.remove()
  })

  it('a worker listens by itself on this machine alone; told to stop it says so, and goes on for a while', async () => {
    const worker = start('worker')
    await worker.says('"event":"started"')
    const url = String(linesOf(worker.stdout).find(({ event }) => event === 'started')?.probes)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await ask(`${url}/healthz`)).toEqual({ status: 200, body: { status: 'ok' } })
    const ready = await until(`${url}/readyz`, 200)
    expect(Object.keys(ready.body.checks ?? {}).sort()).toEqual(
      ['database', 'migrations', 'projections', 'queue', 'reactors', 'store', 'sweep'].sort(),
    )
    // What it counts is for who may read it, and is its own.
    const token = async (...words: readonly string[]): Promise<string> =>
      (await runCommand(['token', ...words], env())).stdout.trim()
    const metrics = (authorization: Readonly<Record<string, string>>) =>
      fetch(`${url}/metrics`, { headers: authorization })
    expect((await metrics({})).status).toBe(401)
    const nobody = await token('--service', 'nobody')
    expect((await metrics({ authorization: `Bearer ${nobody}` })).status).toBe(403)
    const reader = await token('--service', 'prometheus', '--role', 'MetricsReader')
    const answer = await metrics({ authorization: `Bearer ${reader}` })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain'),
    ])
    const counted = await answer.text()
    for (const name of [
      'portcullis_job_duration_seconds',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(counted).toMatch(new RegExp(`^# TYPE ${name} `, 'm'))
    expect((await fetch(`${url}/metrics/engine`)).status).toBe(404)
    worker.signal('SIGTERM')
    const draining = await until(`${url}/readyz`, 503)
    expect(draining.body.status).toBe('draining')
    expect((await ask(`${url}/healthz`))?.status).toBe(200)
    worker.signal('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 130 })
  })

  it('a port that is taken is told by the name of its variable', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { code, stderr } = await start('worker', { PORTCULLIS_WORKER_PORT: String(port) }).ended
    expect(code).toBe(2)
    expect(stderr).toContain(`PORTCULLIS_WORKER_PORT: port ${port} of 127.0.0.1 is taken`)
    await new Promise((closed) => taken.close(closed))
  })
})
